import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { readArticle } from '../../../extractor/jats/article.ts'
import { articleInArchive, pictureFile } from '../../../extractor/jats/article-package.ts'
import { decodeXml } from '../../../extractor/jats/decode.ts'
import { licenceOf } from '../../../extractor/jats/licence.ts'
import { parseXml } from '../../../extractor/jats/xml.ts'

const read = (xml: string) => readArticle(parseXml(xml, 'a.xml'), 'a.xml')
const body = (xml: string) =>
  read(`<article xmlns:xlink="http://www.w3.org/1999/xlink"><body>${xml}</body></article>`).figures

describe('an article', () => {
  it('gives its DOI, version, title, abstract, date and licence', () => {
    const article = read(`<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96)//EN" "JATS.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="research-article"><front><article-meta>
<article-id pub-id-type="doi">10.1101/2020.05.11.20097907</article-id><article-id pub-id-type="pmc">7000001</article-id>
<article-version>1.2</article-version>
<title-group><article-title>CT of <italic>SARS-CoV-2</italic> in 81&#160;patients</article-title></title-group>
<pub-date pub-type="ppub"><year>2021</year></pub-date>
<pub-date pub-type="epub"><day>8</day><month>5</month><year>2020</year></pub-date>
<permissions><license xlink:href="https://creativecommons.org/licenses/by-nc/4.0/"><license-p>Words.</license-p></license></permissions>
<abstract abstract-type="teaser"><p>No.</p></abstract><abstract><title>Background</title><p>We read CT.</p></abstract>
</article-meta></front></article>`)
    expect(article).toMatchObject({
      doi: '10.1101/2020.05.11.20097907',
      pmcid: 'PMC7000001',
      title: 'CT of SARS-CoV-2 in 81 patients',
      abstract: 'Background We read CT.',
      date: '2020-05-08',
      licence: 'CC-BY-NC-4.0',
      licenceUrl: 'https://creativecommons.org/licenses/by-nc/4.0/',
    })
  })

  it('gives captions as plain text, with a stop after a title', () => {
    expect(
      body(
        '<fig id="f1"><label>Fig. 1</label><caption><title>Chest CT</title><p>(<bold>A</bold>) GGO, H<sub>2</sub>O &lt; 10<sup>3</sup>.</p><p>(B) None.</p></caption><graphic xlink:href="f1"/></fig>',
      ),
    ).toEqual([{ label: 'Figure 1', caption: 'Chest CT. (A) GGO, H2O < 103. (B) None.', pictures: ['f1'] }])
  })

  it('gives figures of a group the group’s caption, and no two one label', () => {
    const found = body(
      '<fig-group><label>Figure 2</label><caption><p>Two patients.</p></caption><fig><caption><p>One.</p></caption><graphic xlink:href="a.jpg"/></fig><fig><caption><p>Two.</p></caption><graphic xlink:href="b.jpg"/></fig></fig-group>',
    )
    expect(found.map(({ label, caption }) => [label, caption])).toEqual([
      ['Figure 2', 'Two patients. One.'],
      ['Figure 2 (2)', 'Two patients. Two.'],
    ])
  })

  it('gives one picture where it comes in several forms', () => {
    const [figure] = body(
      '<fig><label>Fig 1</label><caption><p>CT.</p></caption><alternatives><graphic xlink:href="f1.tif"/><graphic xlink:href="f1.jpg"/></alternatives></fig>',
    )
    expect(figure?.pictures).toEqual(['f1.tif'])
  })

  it('is refused with a line where it is other XML', () => {
    expect(() => read('<html><body/></html>')).toThrow(/jats: a\.xml: its root is <html>/)
  })
})

describe('XML', () => {
  it.each([
    ['<a><b></a>', 'line 1: </a> closes <b>'],
    ['<a>\n<b>', 'line 2: <b> is never closed'],
    ['<a x="1" x="2"/>', 'the attribute x twice'],
    ['<a>1 < 2</a>', 'begins no tag'],
    ['<a/><b/>', 'a second root element'],
    ['', 'no element at all'],
    ['<a><!-- ', 'a comment that never ends'],
    ['<!DOCTYPE a [<!ENTITY x "y">', 'a document type that never ends'],
  ])('%s is told with its line and fault', (xml, fault) => {
    expect(() => parseXml(xml, 'x.xml')).toThrow(fault)
  })

  it('never expands or fetches entities that it declares itself', () => {
    const bomb = `<!DOCTYPE a [<!ENTITY a0 "ha"><!ENTITY a1 "&a0;&a0;"><!ENTITY x SYSTEM "file:///etc/passwd">]><a>&a1;&x;&amp;&#x41;</a>`
    expect(parseXml(bomb, 'bomb.xml').children).toEqual(['&a1;&x;&A'])
  })

  it('of a thousand elements inside each other is refused', () => {
    expect(() => parseXml('<a>'.repeat(1000), 'deep.xml')).toThrow(/inside each other/)
  })

  it('takes no attribute for a part of its objects', () => {
    expect(parseXml('<a __proto__="x" constructor="y"/>', 'a.xml').attributes['href']).toBeUndefined()
  })

  it('is read in the encoding it declares, and told where it is not in that', () => {
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', 'latin1')
    expect(decodeXml(latin, 'l.xml')).toContain('é')
    const wrong = Buffer.from('<?xml version="1.0" encoding="UTF-8"?><a>é</a>', 'latin1')
    expect(() => decodeXml(wrong, 'w.xml')).toThrow(/not utf-8, as it says/)
    expect(decodeXml(Buffer.from('\ufeff<a/>', 'utf16le'), 'u.xml')).toBe('<a/>')
  })
})

describe('a licence', () => {
  it.each([
    ['cc_by_nc_nd', 'CC-BY-NC-ND-4.0'],
    ['cc_no', 'none'],
    ['cc0', 'CC0-1.0'],
    ['CC BY 4.0', 'CC-BY-4.0'],
    ['http://creativecommons.org/licenses/by-nc-sa/3.0/igo/', 'CC-BY-NC-SA-3.0'],
    ['https://creativecommons.org/publicdomain/zero/1.0/', 'CC0-1.0'],
    ['open-access', 'open-access'],
  ])('named %s is %s', (named, id) => {
    expect(licenceOf(named)).toBe(id)
  })
})

async function archive(entries: [name: string, content: string, more?: object][]): Promise<Uint8Array> {
  const tar = pack()
  for (const [name, content, more] of entries) {
    if (more) tar.entry({ name, ...more } as never)
    else tar.entry({ name }, content)
  }
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return gzipSync(Buffer.concat(chunks))
}

describe('a package', () => {
  it('gives its article and pictures, and refuses links and names that climb', async () => {
    const bytes = await archive([
      ['PMC1/article.nxml', '<article/>'],
      ['PMC1/f1.jpg', 'picture'],
      ['../../evil.jpg', 'x'],
      ['/etc/evil.jpg', 'x'],
      ['PMC1/link.jpg', '', { type: 'symlink', linkname: '/etc/passwd' }],
    ])
    const given = await articleInArchive(bytes, 'PMC1.tar.gz')
    expect(given.xml.name).toBe('article.nxml')
    expect(given.names).toEqual(['article.nxml', 'f1.jpg'])
    expect(given.refused).toHaveLength(3)
  })

  it('cut off, or without an article, is told', async () => {
    const whole = await archive([['f1.jpg', 'x'.repeat(5000)]])
    await expect(articleInArchive(whole, 'p.tar.gz')).rejects.toMatchObject({ code: 'package-no-article' })
    await expect(articleInArchive(whole.subarray(0, 60), 'p.tar.gz')).rejects.toMatchObject({
      code: 'package-damaged',
    })
    await expect(articleInArchive(Buffer.from('PDF'), 'p.tar.gz')).rejects.toMatchObject({
      code: 'package-damaged',
    })
  })

  it('that unpacks to more than its limit is refused before the memory is full', async () => {
    const zeros = 'x'.repeat(100 << 20)
    const bytes = await archive(Array.from({ length: 6 }, (_, i) => [`f${i}.jpg`, zeros]))
    expect(bytes.length).toBeLessThan(2 << 20)
    await expect(articleInArchive(bytes, 'bomb.tar.gz')).rejects.toMatchObject({ code: 'package-limits' })
  })
})

describe('a picture of an article', () => {
  it.each([
    ['f1', ['f1.gif', 'f1.jpg'], 'f1.jpg'],
    ['F1.tif', ['f1.jpg'], 'f1.jpg'],
    ['images/f1.png', ['f1.png'], 'f1.png'],
    ['nihms.f1', ['nihms.f1.jpg'], 'nihms.f1.jpg'],
    ['../../etc/passwd', ['f1.jpg'], undefined],
  ])('named %s is found among the files', (href, names, file) => {
    expect(pictureFile(href, names)).toBe(file)
  })
})
