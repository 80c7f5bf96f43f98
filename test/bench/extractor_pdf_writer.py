"""The pages of extractor-pdf-typeset.py as a flat OpenDocument text for LibreOffice Writer: sections of columns, grids as
tables, letters as text frames over the panels."""
import base64, html, os, subprocess

SPACES = ' '.join(f'xmlns:{k}="{v}"' for k, v in {
    **{k: f'urn:oasis:names:tc:opendocument:xmlns:{k}:1.0' for k in ('office', 'style', 'text', 'table')},
    'draw': 'urn:oasis:names:tc:opendocument:xmlns:drawing:1.0', 'fo': 'urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0',
    'svg': 'urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0', 'xlink': 'http://www.w3.org/1999/xlink'}.items())
TEXT_WIDTH = 17.0  # cm, of A4


def to_writer(rng, doc, prose, letters_of):
    e = html.escape
    two, size = doc['columns'] == 2, 10 if doc['columns'] == 2 else 11
    small = size - 1.5 if doc['small'] else size
    column = (TEXT_WIDTH - .7) / 2 if two else TEXT_WIDTH
    face = rng.choice(['Liberation Serif', 'Liberation Serif', 'Liberation Sans'])
    count = [0]

    def paragraph(style, content): return f'<text:p text:style-name="{style}">{content}</text:p>'

    def caption(f, only_label=False):
        label = e(f['printed'])
        label = f'<text:span text:style-name="Bold">{label}</text:span>' if doc['bold'] else label
        return paragraph('Caption', label + ('' if only_label else ('<text:line-break/>' if doc['own_line'] else ' ') + e(f['caption'])))

    def image(part, width):
        w, h = part['size']
        data = base64.b64encode(open(part['path'], 'rb').read()).decode()
        count[0] += 1
        return f'<draw:frame draw:style-name="Picture" draw:name="i{count[0]}" text:anchor-type="as-char" svg:width="{width:.3f}cm" svg:height="{width * h / w:.3f}cm"><draw:image><office:binary-data>{data}</office:binary-data></draw:image></draw:frame>'

    def table(widths, rows, style='Cell'):
        count[0] += 1
        name = f't{count[0]}'
        styles.append(f'<style:style style:name="{name}" style:family="table"><style:table-properties style:width="{sum(widths):.3f}cm" table:align="left" style:may-break-between-rows="false"/></style:style>')
        cols = ''
        for i, w in enumerate(widths):
            styles.append(f'<style:style style:name="{name}c{i}" style:family="table-column"><style:table-column-properties style:column-width="{w:.3f}cm"/></style:style>')
            cols += f'<table:table-column table:style-name="{name}c{i}"/>'
        body = ''.join('<table:table-row table:style-name="Row">' + ''.join(f'<table:table-cell table:style-name="{style}" office:value-type="string">{cell}</table:table-cell>' for cell in row) + '</table:table-row>' for row in rows)
        return f'<table:table table:name="{name}" table:style-name="{name}">{cols}{body}</table:table>'

    def picture(f, width):
        names = letters_of(doc, f)
        if len(f['parts']) == 1: return paragraph('Figure', image(f['parts'][0], width * (1 if f['n'] > 1 else rng.choice([.55, .7, .9])) - .05))
        cells, w = [], width / f['cols']
        for part, name in zip(f['parts'], names):
            count[0] += 1
            over = f'<draw:frame draw:style-name="Over" draw:name="o{count[0]}" text:anchor-type="paragraph" svg:x="0.1cm" svg:y="0.05cm" svg:width="1.2cm" svg:height="0.6cm"><draw:text-box>{paragraph("Letter", e(name))}</draw:text-box></draw:frame>' if f['letters'] == 'text' else ''
            cells.append(paragraph('Panel', over + image(part, w - .25)) + (paragraph('Under', e(name)) if f['letters'] == 'below' else ''))
        return table([w] * f['cols'], [cells[i:i + f['cols']] for i in range(0, len(cells), f['cols'])])

    def block(f, width):
        if doc['place'] == 'beside': return table([width * .6, width * .4], [[picture(f, width * .57), caption(f)]])
        return caption(f) + picture(f, width) if doc['place'] == 'above' else picture(f, width) + caption(f)
    styles, parts, open_section = [], [], []

    def section(content): open_section.append(content)

    def close():
        if open_section:
            parts.append(f'<text:section text:style-name="Columns" text:name="s{len(parts)}">{"".join(open_section)}</text:section>')
            open_section.clear()
    parts.append(paragraph('Title', f'Findings on chest CT in a cohort of patients, volume {rng.randint(1, 99)}') + paragraph('Body', f'<text:span text:style-name="Bold">Abstract</text:span> {e(prose(rng, 4, doc["figures"]))}'))
    at_end = doc['place'].startswith('end')
    for f in doc['figures']:
        section(paragraph('Heading', rng.choice(['Methods', 'Results', 'Patients', 'Statistics', 'Discussion'])))
        for _ in range(rng.randint(2, 4)): section(paragraph('Body', e(prose(rng, rng.randint(3, 9), doc['figures']))))
        if at_end: continue
        if two and f['wide']: close(); parts.append(block(f, TEXT_WIDTH))
        else: section(block(f, column))
    if doc['table']: section(paragraph('Caption', '<text:span text:style-name="Bold">Table 1.</text:span> Values at admission.') + table([column / 3] * 3, [[paragraph('Cell', v) for v in (f'Value {i}', str(rng.randint(1, 99)), f'{rng.random():.2f}')] for i in range(6)]))
    section(paragraph('Body', e(prose(rng, 8, doc['figures']))))
    if at_end:
        section(paragraph('Heading', 'Figure legends'))
        for f in doc['figures']:
            label = f'<text:span text:style-name="Bold">{e(f["printed"])}</text:span>' if doc['bold'] else e(f['printed'])
            section(paragraph('Body', f'{label} {e(f["caption"])}'))
    close()
    if at_end:
        for f in doc['figures']: parts.append(paragraph('NewPage', '') + picture(f, TEXT_WIDTH) + (caption(f, True) if doc['place'] == 'end-labelled' else ''))

    def style(name, properties, font, family='paragraph'):
        return f'<style:style style:name="{name}" style:family="{family}"><style:paragraph-properties {properties}/><style:text-properties style:font-name="{face}" fo:font-family="\'{face}\'" fo:language="en" fo:country="US" {font}/></style:style>'
    lines = 'text:number-lines="true"' if doc['numbers'] else 'text:number-lines="false"'
    numbering = '<office:styles><text:linenumbering-configuration text:number-lines="true" text:increment="1" text:offset="0.5cm" style:num-format="1" text:number-position="left" text:count-empty-lines="false"/></office:styles>' if doc['numbers'] else ''
    column_style = '<style:columns fo:column-count="2" fo:column-gap="0.7cm"/>' if two else '<style:columns fo:column-count="1"/>'
    automatic = ''.join([
        style('Body', f'fo:text-align="justify" fo:margin-bottom="0.2cm" fo:line-height="{int(doc["leading"] * 85)}%" {lines}', f'fo:font-size="{size}pt"'),
        style('Caption', f'fo:text-align="justify" fo:margin-top="0.15cm" fo:margin-bottom="0.3cm" text:number-lines="false"', f'fo:font-size="{small}pt"'),
        style('Title', 'fo:margin-bottom="0.4cm"', 'fo:font-size="17pt" fo:font-weight="bold"'), style('Heading', 'fo:margin-top="0.3cm" fo:margin-bottom="0.1cm" fo:keep-with-next="always"', 'fo:font-size="12pt" fo:font-weight="bold"'),
        style('Figure', 'fo:text-align="center" fo:keep-with-next="always" text:number-lines="false"', 'fo:font-size="9pt"'), style('Panel', 'text:number-lines="false"', 'fo:font-size="9pt"'),
        style('Under', 'fo:text-align="center"', 'fo:font-size="9pt"'), style('Cell', '', 'fo:font-size="8.5pt"'), style('NewPage', 'fo:break-before="page"', 'fo:font-size="6pt"'),
        style('Letter', '', 'fo:font-size="11pt" fo:font-weight="bold" fo:color="#ffffff"'),
        '<style:style style:name="Bold" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>',
        '<style:style style:name="Cell" style:family="table-cell"><style:table-cell-properties fo:padding="0.05cm"/></style:style><style:style style:name="Row" style:family="table-row"><style:table-row-properties fo:keep-together="always"/></style:style>',
        '<style:style style:name="Picture" style:family="graphic"><style:graphic-properties style:vertical-pos="top" style:vertical-rel="baseline"/></style:style>',
        '<style:style style:name="Over" style:family="graphic"><style:graphic-properties style:wrap="run-through" style:run-through="foreground" style:horizontal-pos="from-left" style:horizontal-rel="paragraph" style:vertical-pos="from-top" style:vertical-rel="paragraph" fo:padding="0cm" fo:border="none" draw:fill="none"/></style:style>',
        f'<style:style style:name="Columns" style:family="section"><style:section-properties text:dont-balance-text-columns="false">{column_style}</style:section-properties></style:style>',
        '<style:page-layout style:name="Page"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin-top="1.5cm" fo:margin-bottom="1.5cm" fo:margin-left="2cm" fo:margin-right="2cm"/><style:header-style><style:header-footer-properties fo:min-height="0.7cm"/></style:header-style></style:page-layout>',
        *styles])
    head = paragraph('Cell', 'medRxiv preprint doi: https://doi.org/10.1101/2020.05.11.20097907; this version posted May 15, 2020.') if doc['head'] else paragraph('Cell', '')
    return f'<?xml version="1.0" encoding="UTF-8"?><office:document {SPACES} office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">{numbering}<office:automatic-styles>{automatic}</office:automatic-styles><office:master-styles><style:master-page style:name="Standard" style:page-layout-name="Page"><style:header>{head}</style:header><style:footer>{paragraph("Under", "<text:page-number/>")}</style:footer></style:master-page></office:master-styles><office:body><office:text>{"".join(parts)}</office:text></office:body></office:document>'


def libreoffice(source, folder):
    """Pictures kept as they are, so that their sizes in pixels tell where they stand."""
    options = 'pdf:writer_pdf_Export:{"UseLosslessCompression":{"type":"boolean","value":"true"},"ReduceImageResolution":{"type":"boolean","value":"false"}}'
    profile = 'file://' + os.path.join(os.path.abspath(folder), 'libreoffice-profile')
    subprocess.run(['soffice', f'-env:UserInstallation={profile}', '--headless', '--convert-to', options, '--outdir', folder, source], check=True, capture_output=True, timeout=180)
