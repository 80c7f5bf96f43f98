/** What a file name of CT_COVID tells: the paper, the page and the number of the picture in it. */
export interface CovidCtName {
  /** The paper as the file name has it ("2020.02.11.20021493", "kjr-21-e25"). */
  paper: string
  page: number | null
  /** The rest of the name, which tells the pictures of a paper apart ("p16-109%0"). */
  picture: string
}

/**
 * Takes `2020.02.11.20021493-p16-109%0.png` apart: paper, page 16, object 109 of the PDF, part 0 of a picture that the
 * dataset's makers cut (one paper has `-1` for `%1`). A few publishers' files have no page (`PIIS0140673620301549_0%1.png`): the number behind the
 * underscore, or the part, is all there is.
 */
export function covidCtName(file: string): CovidCtName {
  const stem = file.replace(/\.[A-Za-z]+$/, '')
  const paged = /^(?<paper>.+?)-p(?<page>\d+)-(?<object>\d+(?:[%-]\d+)?)$/.exec(stem)?.groups
  if (paged)
    return {
      paper: paged['paper']!,
      page: Number(paged['page']),
      picture: `p${paged['page']}-${paged['object']}`,
    }
  const numbered = /^(?<paper>.+?)(?<picture>_\d+(?:%\d+)?|%\d+)$/.exec(stem)?.groups
  if (numbered)
    return { paper: numbered['paper']!, page: null, picture: numbered['picture']!.replace(/^_/, '') }
  return { paper: stem, page: null, picture: '0' }
}

/** The DOI of a medRxiv or bioRxiv paper named by its date and number; undefined for any other name. */
export function doiOfPaper(paper: string): string | undefined {
  return /^\d{4}\.\d{2}\.\d{2}\.\d{6,8}$/.test(paper) ? `10.1101/${paper}` : undefined
}
