import { defineConfig } from 'vite'
import solid from 'vite-plugin-solid'

/**
 * The page is served under a strict content security policy: no inline script or style, everything from its own
 * origin. Plots are a chunk of their own, so that the review page does not wait for them.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [solid()],
  build: {
    outDir: '../../dist/annotator/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4040', '/login': 'http://127.0.0.1:4040' } },
})
