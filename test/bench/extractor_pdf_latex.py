"""The pages of extractor-pdf-typeset.py as LaTeX for pdflatex: floats where LaTeX puts them, letters drawn over or under
the panels, captions in the manner of the article class."""
import os, re, subprocess

MARKS = {'\\': r'\textbackslash{}', '&': r'\&', '%': r'\%', '$': r'\$', '#': r'\#', '_': r'\_', '{': r'\{', '}': r'\}', '~': r'\textasciitilde{}',
         '^': r'\textasciicircum{}', '<': r'\textless{}', '>': r'\textgreater{}', '|': r'\textbar{}', '"': r'\textquotedbl{}', "'": r'\textquotesingle{}', '`': r'\textasciigrave{}'}


def plain(text): return re.sub(r'-(?=-)', '-{}', ''.join(MARKS.get(c, c) for c in text))


def has(package): return subprocess.run(['kpsewhich', f'{package}.sty'], capture_output=True).returncode == 0


def to_latex(rng, doc, prose, letters_of):
    two, size = doc['columns'] == 2, 10 if doc['columns'] == 2 else 11
    fonts = rng.choice(['\\usepackage{lmodern}\n', '', '\\usepackage{lmodern}\n\\renewcommand{\\familydefault}{\\sfdefault}\n'])
    out = f'\\documentclass[{size}pt,a4paper{",twocolumn" if two else ""}]{{article}}\n\\usepackage[T1]{{fontenc}}\n\\usepackage{{textcomp,graphicx,xcolor,fancyhdr}}\n' if fonts else \
        f'\\documentclass[{size}pt,a4paper{",twocolumn" if two else ""}]{{article}}\n\\usepackage{{textcomp,graphicx,xcolor,fancyhdr}}\n\\renewcommand{{\\textquotedbl}}{{{{\\ttfamily\\char34}}}}\n'
    out += fonts + '\\usepackage[margin=2.1cm,headheight=14pt]{geometry}\n\\pagestyle{fancy}\\fancyhf{}\\cfoot{\\thepage}\\renewcommand{\\headrulewidth}{0pt}\n\\setlength{\\emergencystretch}{2em}\n'
    out += '\\setcounter{topnumber}{3}\\renewcommand{\\topfraction}{.9}\\renewcommand{\\textfraction}{.05}\\renewcommand{\\dbltopfraction}{.9}\n'
    if doc['head']: out += '\\chead{\\scriptsize medRxiv preprint doi: https://doi.org/10.1101/2020.05.11.20097907; this version posted May 15, 2020.}\n'
    if doc['leading'] > 1.5: out += '\\linespread{1.6}\n'
    if doc['numbers'] and has('lineno'): out += '\\usepackage{lineno}\\linenumbers\n'
    out += '\\begin{document}\n'
    small = '\\small ' if doc['small'] else ''

    def caption(f, only_label=False):
        label = plain(f['printed'])
        label = f'\\textbf{{{label}}}' if doc['bold'] else label
        rest = '' if only_label else ('\\\\ ' if doc['own_line'] else ' ') + plain(f['caption'])
        return f'\\par\\vspace{{2mm}}{{\\linespread{{1}}{small}\\selectfont\\noindent {label}{rest}\\par}}'

    def image(path, width): return f'\\includegraphics[width={width}\\linewidth]{{{os.path.abspath(path)}}}'

    def picture(f):
        names = letters_of(doc, f)
        if len(f['parts']) == 1: return f'{{\\centering{image(f["parts"][0]["path"], 1 if f["n"] > 1 else rng.choice([.55, .7, .9]))}\\par}}'
        share = round((1 - .015 * (f['cols'] - 1)) / f['cols'], 4)
        cells = []
        for i, (part, name) in enumerate(zip(f['parts'], names)):
            inner = image(part['path'], 1)
            if f['letters'] == 'text':
                mark = f'\\hspace{{4pt}}\\textcolor{{white}}{{\\sffamily\\bfseries {plain(name)}}}'
                inner = f'\\sbox0{{{inner}}}\\usebox0\\llap{{\\raisebox{{\\dimexpr\\ht0-13pt}}[0pt][0pt]{{\\makebox[\\wd0][l]{{{mark}}}}}}}'
            if f['letters'] == 'below': inner += f'\\par\\centering\\footnotesize {plain(name)}'
            last = (i + 1) % f['cols'] == 0
            cells.append(f'\\begin{{minipage}}[t]{{{share}\\linewidth}}\\linespread{{1}}\\selectfont {inner}\\end{{minipage}}' + ('\\par\\vspace{2mm}\n' if last else '\\hfill\n'))
        return '\\noindent ' + '\\noindent '.join(''.join(cells[i:i + f['cols']]) for i in range(0, len(cells), f['cols']))

    def block(f):
        if doc['place'] == 'beside':
            inner = f'\\begin{{minipage}}[t]{{.58\\linewidth}}\\vspace{{0pt}}{picture(f)}\\end{{minipage}}\\hfill\\begin{{minipage}}[t]{{.38\\linewidth}}\\vspace{{0pt}}{caption(f)}\\end{{minipage}}'
        elif doc['place'] == 'above': inner = f'{caption(f)}\\vspace{{2mm}}{picture(f)}'
        else: inner = f'{picture(f)}{caption(f)}'
        if two and f['wide']: return f'\\begin{{figure*}}[t]{inner}\\end{{figure*}}\n'
        if rng.random() < .3: return f'\\par\\vspace{{3mm}}\\noindent\\begin{{minipage}}{{\\linewidth}}{inner}\\end{{minipage}}\\par\\vspace{{3mm}}\n'
        return f'\\begin{{figure}}[{rng.choice(["!t", "!b", "!htbp", "p"])}]{inner}\\end{{figure}}\n'
    out += f'\\noindent{{\\LARGE\\bfseries Findings on chest CT in a cohort of patients, volume {rng.randint(1, 99)}\\par}}\\vspace{{4mm}}\n\n\\textbf{{Abstract}} {plain(prose(rng, 4, doc["figures"]))}\n\n'
    at_end = doc['place'].startswith('end')
    for f in doc['figures']:
        out += f'\\section{{{rng.choice(["Methods", "Results", "Patients", "Statistics", "Discussion"])}}}\n' + '\n\n'.join(plain(prose(rng, rng.randint(3, 9), doc['figures'])) for _ in range(rng.randint(2, 4))) + '\n\n'
        if not at_end: out += block(f) + '\n'
    if doc['table']:
        out += '\\begin{table}[!htbp]\\textbf{Table 1.} Values at admission.\\par\\begin{tabular}{lll}\\hline ' + ''.join(f'Value {i} & {rng.randint(1, 99)} & {rng.random():.2f}\\\\ ' for i in range(6)) + '\\hline\\end{tabular}\\end{table}\n\n'
    out += plain(prose(rng, 8, doc['figures'])) + '\n\n'
    if at_end:
        out += '\\section*{Figure legends}\n' + '\n\n'.join(f'\\noindent {"{" + chr(92) + "bfseries " + plain(f["printed"]) + "}" if doc["bold"] else plain(f["printed"])} {plain(f["caption"])}' for f in doc['figures']) + '\n'
        for f in doc['figures']: out += f'\\{"onecolumn" if two else "clearpage"}\n{picture(f)}{caption(f, True) if doc["place"] == "end-labelled" else ""}\n'
    return out + '\\end{document}\n'


def pdflatex(source, folder):
    """Twice, so that floats and line numbers stand; a page that LaTeX complains of but sets is taken."""
    for _ in range(2):
        done = subprocess.run(['pdflatex', '-interaction=nonstopmode', '-halt-on-error', f'-output-directory={folder}', source], capture_output=True, text=True, errors='replace', timeout=120)
    if done.returncode: raise RuntimeError(next((line for line in done.stdout.splitlines() if line.startswith('!')), 'pdflatex failed'))
