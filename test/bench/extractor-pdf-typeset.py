"""Typesets preprints from the slices and captions of ../shared/data in many layouts, with exact truth, by Typst,
WeasyPrint, Chromium, pdflatex and LibreOffice Writer. Seeded; its output is not committed.

  python3 -m venv venv && venv/bin/pip install typst weasyprint pillow pymupdf
  apt-get install --no-install-recommends chromium texlive-latex-recommended lmodern libreoffice-writer
  venv/bin/python test/bench/extractor-pdf-typeset.py OUT [--count 60] [--seed 1] [--data ../shared/data] [--producers typst,pdflatex]

A producer that is not installed is left out with one line; the same seed and producers give the same layouts.

OUT gets one PDF a document and truth.json in the form of the PDF gold (page, caption_page, label, caption_text, region,
panels), with each panel's region besides. Where pictures stand is asked of the finished PDF: every picture has a size
in pixels that no other has.
"""
import argparse, html, importlib.util, json, os, random, re, shutil, subprocess, sys, unicodedata
import pymupdf as fitz
from PIL import Image, ImageDraw, ImageFont
from extractor_pdf_latex import pdflatex, to_latex
from extractor_pdf_writer import libreoffice, to_writer

PRODUCERS = {'typst': lambda: importlib.util.find_spec('typst'), 'weasyprint': lambda: importlib.util.find_spec('weasyprint'), 'chromium': lambda: shutil.which('chromium'),
             'pdflatex': lambda: shutil.which('pdflatex'), 'libreoffice': lambda: shutil.which('soffice')}

BODY = """The cohort was scanned on two machines with a slice of one millimetre. Readers were blinded to the clinical course.
Disagreement was settled by a third reader with twenty years of practice. We counted every lobe and every segment that was
touched. Most patients had fever and cough for less than a week before the first scan. The distribution was peripheral in the
greater part of the patients, and the lower lobes were touched more often than the upper ones. Laboratory values are listed in
the table. Intervals were found by resampling patients and not pictures. The study followed the rules of the two hospitals and
consent was waived by the board. A model was trained on the first half of the patients and tested on the second. No patient was
lost to follow-up. Older patients had larger volumes of diseased lung, and so had those with diabetes. The time from onset to the
first scan was five days in the median. We did not find that contrast made a difference. Pleural effusion was rare and never
large. Lymph nodes were normal in all but three patients. These findings agree with what was published before.""".replace('\n', ' ').split('. ')

LABELS = [('Figure {n}.', 'Figure {n}'), ('Figure {n}:', 'Figure {n}'), ('Fig. {n}.', 'Figure {n}'), ('Fig. {n}', 'Figure {n}'), ('FIG. {n} |', 'Figure {n}'),
          ('FIGURE {n}.', 'Figure {n}'), ('Figure S{n}.', 'Figure S{n}'), ('Extended Data Figure {n} |', 'Extended Data Figure {n}'),
          ('Supplementary Figure {n}.', 'Supplementary Figure {n}'), ('Figure {n}', 'Figure {n}'), ('Fig {n}.', 'Figure {n}')]


def slices(data):
    folder = os.path.join(data, 'covid-ct', 'images')
    return sorted(os.path.join(folder, d, f) for d in os.listdir(folder) for f in os.listdir(os.path.join(folder, d)))


class Pictures:
    """Composites and single panels, each of a width that no other has."""
    def __init__(self, rng, files):
        self.rng, self.files, self.widths = rng, files, set()

    def width(self, about):
        w = about
        while w in self.widths: w += 1
        self.widths.add(w)
        return w

    def slice(self, w, h):
        im = Image.open(self.rng.choice(self.files)).convert('RGB')
        return im.resize((w, h), Image.BICUBIC)

    def letter(self, im, text, style):
        d = ImageDraw.Draw(im)
        size = max(12, int(min(im.size) * self.rng.choice([.07, .09, .12])))
        face = self.rng.choice(['LiberationSans-Bold', 'LiberationSans-Regular', 'LiberationSerif-Bold'])
        font = ImageFont.truetype(f'/usr/share/fonts/truetype/liberation/{face}.ttf', size)
        pad = max(3, size // 4)
        x0, y0, x1, y1 = d.textbbox((0, 0), text, font=font)
        corner = style['corner']
        x = pad if 'l' in corner else im.width - pad - x1
        y = pad if 't' in corner else im.height - pad - y1
        if style['box']: d.rectangle([x + x0 - 3, y + y0 - 3, x + x1 + 3, y + y1 + 3], fill='white' if style['fill'] == 'black' else 'black')
        d.text((x, y), text, font=font, fill=style['fill'])
        return im


def figure(rng, pics, caption, spec):
    """One figure: its picture files with the panels in them (shares of the picture)."""
    n, rows, cols = spec['n'], spec['rows'], spec['cols']
    names = [spec['name'](i) for i in range(n)]
    w, h = rng.randint(180, 320), 0
    h = int(w * rng.choice([.7, .75, .8, 1]))
    style = {'corner': rng.choice(['tl', 'tl', 'tr', 'bl', 'br']), 'box': rng.random() < .3, 'fill': rng.choice(['white', 'white', 'yellow'])}
    if style['box'] and rng.random() < .5: style['fill'] = 'black'
    panels = []
    for i in range(n):
        im = pics.slice(w, h)
        if spec['letters'] == 'pixels': pics.letter(im, names[i], style)
        panels.append(im)
    if spec['composite'] or n == 1:
        gap = spec['gap'] if n > 1 else 0
        W, H = cols * w + (cols - 1) * gap, rows * h + (rows - 1) * gap
        sheet = Image.new('RGB', (W, H), spec['ground'])
        boxes = []
        for i, im in enumerate(panels):
            x, y = (i % cols) * (w + gap), (i // cols) * (h + gap)
            sheet.paste(im, (x, y))
            boxes.append((x / W, y / H, (x + w) / W, (y + h) / H))
        W2 = pics.width(W)
        if W2 != W: sheet = sheet.resize((W2, H))
        return [{'image': sheet, 'boxes': boxes}], names
    out = []
    for im in panels:
        w2 = pics.width(w)
        out.append({'image': im.resize((w2, h)) if w2 != w else im, 'boxes': [(0, 0, 1, 1)]})
    return out, names


def encode(rng, im, path):
    kind = rng.choice(['png', 'png', 'grey', 'jpeg', 'jpeg', 'palette'])
    if kind == 'jpeg': path += '.jpg'; im.save(path, quality=88)
    elif kind == 'grey': path += '.png'; im.convert('L').save(path)
    elif kind == 'palette': path += '.png'; im.convert('P', palette=Image.ADAPTIVE).save(path)
    else: path += '.png'; im.save(path)
    return path


def plan(rng, captions, pics, out, index, producers):
    producer = producers[index % len(producers)]
    columns = rng.choice([1, 1, 2, 2])
    printed, normal = rng.choice(LABELS)
    doc = {'producer': producer, 'columns': columns, 'place': rng.choice(['below'] * 4 + ['above', 'beside', 'end', 'end-labelled']),
           'own_line': rng.random() < .15, 'bold': rng.random() < .6, 'numbers': rng.random() < .2 and columns == 1, 'head': rng.random() < .6,
           'small': rng.random() < .7, 'leading': rng.choice([1.2, 1.3, 2.0]) if columns == 1 else 1.25, 'rotate': rng.random() < .06,
           'letter': rng.choice(['A', 'a', '(a)']), 'table': rng.random() < .4, 'figures': []}
    if doc['place'] == 'beside' and columns == 2: doc['place'] = 'below'
    for k in range(rng.randint(2, 4)):
        n = rng.choice([1, 2, 2, 3, 4, 4, 6])
        cols = {1: 1, 2: 2, 3: 3, 4: 2, 6: 3}[n]
        if columns == 2 and n == 3: cols = 3
        rows = n // cols
        letters = rng.choice(['pixels', 'pixels', 'text', 'below', 'none']) if n > 1 else 'none'
        spec = {'n': n, 'rows': rows, 'cols': cols, 'letters': letters, 'composite': letters in ('pixels', 'none') and rng.random() < .65,
                'gap': rng.choice([2, 4, 6, 10, 14]), 'ground': rng.choice(['white', 'white', 'white', 'black', '#808080']),
                'name': lambda i: chr(97 + i) if doc['letter'] != 'A' else chr(65 + i)}
        text = re.sub(r'^(?:figure|fig)\W*\d*\W*', '', rng.choice(captions), flags=re.I)
        text = re.sub(r'\s+', ' ', re.sub(r'[^\x20-\x7e]', '', text)).strip()[:600]
        text = text[:1].upper() + text[1:]
        if n > 1 and letters != 'none':
            text = rng.choice(['Chest CT of the patients described in the text.', 'Axial slices at the level of the carina.', text.split('. ')[0][:160].rstrip('.') + '.'])
            said = ['bilateral ground-glass opacities', 'patchy consolidation in the left lower lobe', 'crazy paving', 'no abnormality', 'interlobular septal thickening', 'air bronchogram in the right lung']
            for i in range(n):
                name = spec['name'](i)
                text += f' ({name}) {rng.choice(said).capitalize()}.' if doc['letter'] != 'A' or rng.random() < .5 else f' {name}, {rng.choice(said)}.'
        if not text.endswith('.'): text += '.'
        parts, names = figure(rng, pics, text, spec)
        for i, part in enumerate(parts):
            part['path'] = encode(rng, part.pop('image'), os.path.join(out, 'img', f'd{index}f{k}p{i}'))
            part['size'] = Image.open(part['path']).size
        doc['figures'].append({'printed': printed.format(n=k + 1), 'label': normal.format(n=k + 1), 'caption': text, 'parts': parts, 'names': names if letters != 'none' else [None] * n,
                               'letters': letters, 'cols': cols, 'n': n, 'wide': columns == 2 and n >= 3 and rng.random() < .7})
    return doc


def prose(rng, sentences, figures):
    text = []
    for _ in range(sentences):
        s = rng.choice(BODY).strip().rstrip('.') + '.'
        if rng.random() < .12:
            f = rng.choice(figures)['printed'].rstrip('.:| ')
            s = rng.choice([f'{f} shows an example. ', f'The lesion grew ({f}). ', f'{f} and the table give the rest. ', f'As seen in {f}, the lung was clear. ']) + s
        text.append(s)
    return ' '.join(text)


def letters_of(doc, f):
    wrap = (lambda s: f'({s})') if doc['letter'] == '(a)' else (lambda s: s)
    return [wrap(s) if s else None for s in f['names']]


def to_html(rng, doc):
    e = html.escape
    head = 'medRxiv preprint doi: https://doi.org/10.1101/2020.05.11.20097907; this version posted May 15, 2020. The copyright holder for this preprint has granted a license.'
    size = 10 if doc['columns'] == 2 else 11
    css = f"""@page {{ size: A4; margin: 22mm 18mm; {'@top-center { content: "' + head[:90] + '"; font-size: 7pt }' if doc['head'] else ''} @bottom-center {{ content: counter(page); font-size: 8pt }} }}
    body {{ font-family: "Liberation Serif"; font-size: {size}pt; line-height: {doc['leading']}; text-align: justify; margin: 0; hyphens: auto }}
    main {{ {'column-count: 2; column-gap: 7mm; ' if doc['columns'] == 2 else ''} }}
    figure {{ margin: 3mm 0; text-align: left; break-inside: avoid }} figure.wide {{ column-span: all }} figure.page {{ break-before: page; column-span: all }}
    figcaption {{ font-size: {size - 1.5 if doc['small'] else size}pt; line-height: 1.25; margin: 2mm 0; text-align: justify }} .grid {{ display: grid; gap: 2mm; }} .cell {{ position: relative }} .cell img, .one img {{ width: 100%; display: block }}
    .over {{ position: absolute; left: 4pt; top: 2pt; color: white; font: bold 11pt "Liberation Sans" }} .under {{ text-align: center; font-size: 9pt; line-height: 1.2 }}
    .beside {{ display: grid; grid-template-columns: 58% 38%; gap: 4% }} table {{ width: 100%; border-collapse: collapse; font-size: 8.5pt; margin: 2mm 0 }} td, th {{ border-bottom: 0.5pt solid black; text-align: left }}
    h1 {{ font-size: 17pt; text-align: left; line-height: 1.2 }} h2 {{ font-size: 12pt; margin: 3mm 0 1mm; text-align: left }} p {{ margin: 0 0 2mm }}"""
    def caption(f, only_label=False):
        label = e(f['printed'])
        label = f'<b>{label}</b>' if doc['bold'] else label
        return f'<figcaption>{label}{"" if only_label else ("<br>" if doc["own_line"] else " ") + e(f["caption"])}</figcaption>'
    def picture(f):
        names = letters_of(doc, f)
        if len(f['parts']) == 1:
            share = 100 if f['n'] > 1 else rng.choice([55, 70, 90])
            return f'<div class="one" style="width:{share}%;margin:0 auto"><img src="file://{os.path.abspath(f["parts"][0]["path"])}"></div>'
        cells = ''
        for part, name in zip(f['parts'], names):
            over = f'<span class="over">{e(name)}</span>' if f['letters'] == 'text' else ''
            under = f'<div class="under">{e(name)}</div>' if f['letters'] == 'below' else ''
            cells += f'<div class="cell"><img src="file://{os.path.abspath(part["path"])}">{over}{under}</div>'
        return f'<div class="grid" style="grid-template-columns: repeat({f["cols"]}, 1fr)">{cells}</div>'
    def block(f):
        wide = ' class="wide"' if f['wide'] or (doc['columns'] == 2 and doc['producer'] == 'weasyprint' and f['n'] >= 4) else ''
        if doc['place'] == 'beside': return f'<figure class="beside"><div>{picture(f)}</div>{caption(f)}</figure>'
        if doc['place'] == 'above': return f'<figure{wide}>{caption(f)}{picture(f)}</figure>'
        return f'<figure{wide}>{picture(f)}{caption(f)}</figure>'
    body = f'<h1>Findings on chest CT in a cohort of patients, volume {rng.randint(1, 99)}</h1><p><b>Abstract</b> {e(prose(rng, 4, doc["figures"]))}</p><main>'
    at_end = doc['place'].startswith('end')
    for f in doc['figures']:
        body += f'<h2>{rng.choice(["Methods", "Results", "Patients", "Statistics", "Discussion"])}</h2>' + ''.join(f'<p>{e(prose(rng, rng.randint(3, 9), doc["figures"]))}</p>' for _ in range(rng.randint(2, 4)))
        if not at_end: body += block(f)
    if doc['table']: body += '<p><b>Table 1.</b> Values at admission.</p><table>' + ''.join(f'<tr><td>Value {i}</td><td>{rng.randint(1, 99)}</td><td>{rng.random():.2f}</td></tr>' for i in range(6)) + '</table>'
    body += f'<p>{e(prose(rng, 8, doc["figures"]))}</p>'
    if at_end:
        body += '<h2>Figure legends</h2>' + ''.join(f'<p>{"<b>" + e(f["printed"]) + "</b>" if doc["bold"] else e(f["printed"])} {e(f["caption"])}</p>' for f in doc['figures'])
        for f in doc['figures']: body += f'<figure class="page">{picture(f)}{caption(f, True) if doc["place"] == "end-labelled" else ""}</figure>'
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><style>{css}</style><body>{body}</main></body></html>'


def to_typst(rng, doc, root):
    q = lambda s: re.sub(r'([\\#$*_`<>@\[\]~/=+-])', r'\\\1', s)
    size = 9.5 if doc['columns'] == 2 else 11
    head = 'header: text(7pt)[medRxiv preprint doi: https:\\/\\/doi.org\\/10.1101\\/2020.05.11.20097907; this version posted May 15, 2020.],' if doc['head'] else ''
    out = f'#set page(paper: "us-letter", margin: (x: 2.1cm, y: 2.4cm), columns: {doc["columns"]}, numbering: "1", {head})\n'
    out += f'#set text(font: "Libertinus Serif", size: {size}pt, lang: "en")\n#set par(justify: true, leading: {round((doc["leading"] - .75), 2)}em)\n'
    if doc['numbers']: out += '#set par.line(numbering: n => text(6pt)[#n])\n'
    small = size - 1.5 if doc['small'] else size
    def caption(f, only_label=False):
        label = f'*{q(f["printed"])}*' if doc['bold'] else q(f['printed'])
        rest = '' if only_label else (' \\\n' if doc['own_line'] else ' ') + q(f['caption'])
        return f'#text({small}pt)[#par(leading: .5em)[{label}{rest}]]'
    def image(path, width): return f'#image("{os.path.relpath(path, root)}", width: {width})'
    def picture(f):
        names = letters_of(doc, f)
        if len(f['parts']) == 1: return f'#align(center)[{image(f["parts"][0]["path"], "100%" if f["n"] > 1 else rng.choice(["55%", "70%", "90%"]))}]'
        cells = []
        for part, name in zip(f['parts'], names):
            cell = image(part['path'], '100%')
            if f['letters'] == 'text': cell = f'#box[{cell}#place(top + left, dx: 4pt, dy: 4pt)[#text(11pt, fill: white, weight: "bold", font: "DejaVu Sans Mono")[{q(name)}]]]'
            if f['letters'] == 'below': cell += f'#align(center)[#text(9pt)[{q(name)}]]'
            cells.append(f'[{cell}]')
        return f'#grid(columns: {f["cols"]}, gutter: 2mm, {", ".join(cells)})'
    def block(f):
        if doc['place'] == 'beside': inner = f'#grid(columns: (58%, 38%), gutter: 4%, [{picture(f)}], [{caption(f)}])'
        elif doc['place'] == 'above': inner = f'{caption(f)}\n#v(1mm)\n{picture(f)}'
        else: inner = f'{picture(f)}\n#v(1mm)\n{caption(f)}'
        inner = f'#block(breakable: false, width: 100%)[{inner}]'
        if doc['columns'] == 2 and f['wide']: return f'#place(top + center, scope: "parent", float: true)[{inner}]\n'
        if rng.random() < .4: return f'#place({rng.choice(["top", "bottom"])} + center, float: true)[{inner}]\n'
        return f'{inner}\n'
    out += f'#align(left)[#text(17pt, weight: "bold")[Findings on chest CT in a cohort, volume {rng.randint(1, 99)}]]\n\n*Abstract* {q(prose(rng, 4, doc["figures"]))}\n\n'
    at_end = doc['place'].startswith('end')
    for f in doc['figures']:
        out += f'= {rng.choice(["Methods", "Results", "Patients", "Statistics", "Discussion"])}\n' + '\n\n'.join(q(prose(rng, rng.randint(3, 9), doc['figures'])) for _ in range(rng.randint(2, 4))) + '\n\n'
        if not at_end: out += block(f) + '\n'
    if doc['table']: out += '*Table 1.* Values at admission.\n#table(columns: 3, ' + ', '.join(f'[Value {i}], [{rng.randint(1, 99)}], [{rng.random():.2f}]' for i in range(6)) + ')\n\n'
    out += q(prose(rng, 8, doc['figures'])) + '\n\n'
    if at_end:
        out += '= Figure legends\n' + '\n\n'.join(f'{"*" + q(f["printed"]) + "*" if doc["bold"] else q(f["printed"])} {q(f["caption"])}' for f in doc['figures']) + '\n'
        for f in doc['figures']: out += f'#pagebreak()\n#place(top + center, scope: "parent", float: true)[{picture(f)}{caption(f, True) if doc["place"] == "end-labelled" else ""}]\n'
    return out


def make(rng, doc, path, root):
    if doc['producer'] == 'typst':
        import typst
        source = path.replace('.pdf', '.typ'); open(source, 'w').write(to_typst(rng, doc, root)); typst.compile(source, output=path, root=root); return
    if doc['producer'] == 'pdflatex':
        source = path.replace('.pdf', '.tex'); open(source, 'w').write(to_latex(rng, doc, prose, letters_of)); pdflatex(source, root); return
    if doc['producer'] == 'libreoffice':
        source = path.replace('.pdf', '.fodt'); open(source, 'w').write(to_writer(rng, doc, prose, letters_of)); libreoffice(source, root); return
    page = path.replace('.pdf', '.html'); open(page, 'w').write(to_html(rng, doc))
    if doc['producer'] == 'weasyprint':
        import weasyprint; weasyprint.HTML(page).write_pdf(path)
    else:
        subprocess.run(['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--allow-file-access-from-files', '--no-pdf-header-footer', f'--print-to-pdf={path}', f'file://{os.path.abspath(page)}'], check=True, capture_output=True, timeout=120)


def squeezed(text): return re.sub(r'\s+', '', unicodedata.normalize('NFKC', text).replace('\u2019', "'"))


def truth(doc, path):
    pdf = fitz.open(path)
    if doc['rotate']:
        for page in pdf: page.set_rotation(90)
        pdf.saveIncr()
    placed = {}
    for page in pdf:
        for info in page.get_image_info(xrefs=True):
            # Typst and Chromium may store a picture as it is or once more with a mask: the size stays.
            placed.setdefault((info['width'], info['height']), []).append((page.number + 1, fitz.Rect(info['bbox']) * page.rotation_matrix))
    gold = []
    for f in doc['figures']:
        panels, boxes, page = [], [], None
        for part in f['parts']:
            at = placed.get(tuple(part['size']))
            if not at: return None
            page, box = at[0]; boxes.append(box)
            for x0, y0, x1, y1 in part['boxes']:
                if doc['rotate']: panels.append(None); continue
                panels.append([box.x0 + x0 * box.width, box.y0 + y0 * box.height, box.x0 + x1 * box.width, box.y0 + y1 * box.height])
        region = fitz.Rect(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))
        pages = [p.number + 1 for p in pdf if squeezed(f['printed'] + f['caption'][:24]) in squeezed(p.get_text())]
        text = f['caption']
        gold.append({'page': page, 'caption_page': pages[0] if pages else page, 'label': f['label'], 'label_printed': f['printed'], 'caption_start': text[:40], 'caption_end': text[-40:], 'caption_chars': len(text),
                     'caption_text': text, 'region': [round(v, 1) for v in region], 'raster': True, 'kind': 'ct', 'panels': [s.upper() for s in f['names'] if s] if f['n'] > 1 else [], 'letters': f['letters'], 'composite': len(f['parts']) == 1 and f['n'] > 1,
                     'panel_regions': [{'label': s.upper() if s else None, 'region': r} for s, r in zip(f['names'], panels)] if f['n'] > 1 and not doc['rotate'] else []})
    return {'pdf': os.path.basename(path), 'pages': len(pdf), 'layout': {k: v for k, v in doc.items() if k != 'figures'}, 'figures': gold}


def main():
    a = argparse.ArgumentParser(); a.add_argument('out'); a.add_argument('--count', type=int, default=60); a.add_argument('--seed', type=int, default=1); a.add_argument('--data', default='../shared/data'); a.add_argument('--producers', default=','.join(PRODUCERS))
    a = a.parse_args()
    producers = []
    for name in a.producers.split(','):
        if PRODUCERS[name](): producers.append(name)
        else: print(f'{name}: not installed; its pages are left out', file=sys.stderr)
    if not producers: sys.exit('typeset: no producer is installed')
    if not os.path.isdir(a.data): sys.exit(f'typeset: {a.data}: not there; slices and captions are needed')
    os.makedirs(os.path.join(a.out, 'img'), exist_ok=True)
    captions = [json.loads(l) for l in open(os.path.join(a.data, 'covid-ct', 'captions.jsonl'))]
    captions = [c.get('caption') or c.get('text') for c in captions]
    files = slices(a.data)
    gold = []
    for i in range(a.count):
        rng = random.Random(a.seed * 1000 + i)
        doc = plan(rng, captions, Pictures(rng, files), a.out, i, producers)
        path = os.path.join(a.out, f'd{i:03d}-{doc["producer"]}.pdf')
        try:
            make(rng, doc, path, os.path.abspath(a.out)); found = truth(doc, path)
        except Exception as error:
            print(path, 'failed:', str(error)[:300], file=sys.stderr); continue
        if found: gold.append(found)
        else: print(path, 'left out: a picture is not where it was put', file=sys.stderr)
    json.dump(gold, open(os.path.join(a.out, 'truth.json'), 'w'), indent=1)
    print(f'{len(gold)} documents, {sum(len(g["figures"]) for g in gold)} figures')


if __name__ == '__main__': main()
