import { describe, expect, it } from 'vitest'
import { launch } from './chromium.ts'
import { signIn } from './desk.ts'
import { inChromium, ownDesk } from './seat.ts'

inChromium('the policy of the pages', () => {
  describe('refuses, and every test of this folder hears of it', () => {
    it.each([
      ['a style attribute in markup', '<p style="position: fixed">', /style-src-attr: inline/],
      ['a style element', '<style>p { position: fixed }</style>', /style-src-elem: inline/],
      ['a picture from elsewhere', '<img src="http://127.0.0.2:1/a.png">', /img-src: http:\/\/127/],
      ['a handler in markup', '<img src="data:," onerror="window.hurt = 1">', /script-src-attr: inline/],
    ])('%s', async (_, markup, words) => {
      const desk = await ownDesk(1)
      const browser = await launch()
      const { page } = await signIn(browser, desk.server.loginLink, 'Ann')
      const told = page.evaluate(
        () => new Promise(resolve => document.addEventListener('securitypolicyviolation', resolve)),
      )
      await page.evaluate(html => document.body.insertAdjacentHTML('beforeend', html), markup)
      await told
      expect(await page.evaluate(() => (window as unknown as { hurt?: number }).hurt)).toBeUndefined()
      await expect(browser.close()).rejects.toThrow(words)
    })
  })
})
