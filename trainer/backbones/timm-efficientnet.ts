/**
 * Names of timm's EfficientNets (`blocks.1.0.conv_dw.weight`) as torchvision's (`features.2.0.block.1.0.weight`). The
 * networks are the same; timm names a block's parts, torchvision counts them. Other names are left as they are.
 */
export function fromTimm(name: string): string {
  const outer = /^(conv_stem|bn1|conv_head|bn2|classifier)\.(\w+)$/.exec(name)
  if (outer) return `${OUTER[outer[1]!]}.${outer[2]}`
  const inner = /^blocks\.(\d+)\.(\d+)\.(se\.)?(\w+)\.(\w+)$/.exec(name)
  if (!inner) return name
  const [, stage, at, , layer, part] = inner
  const [place, within] = (stage === '0' ? FIRST : OTHER)[layer!] ?? []
  return place === undefined ? name : `features.${Number(stage) + 1}.${at}.block.${place}.${within}.${part}`
}

const OUTER: Record<string, string> = {
  conv_stem: 'features.0.0',
  bn1: 'features.0.1',
  conv_head: 'features.8.0',
  bn2: 'features.8.1',
  classifier: 'classifier.1',
}

/** The place of a layer in its block, and its name within: of the blocks that do not widen, and of the others. */
const FIRST: Record<string, [place: number, within: string]> = {
  conv_dw: [0, '0'],
  bn1: [0, '1'],
  conv_reduce: [1, 'fc1'],
  conv_expand: [1, 'fc2'],
  conv_pw: [2, '0'],
  bn2: [2, '1'],
}
const OTHER: Record<string, [place: number, within: string]> = {
  conv_pw: [0, '0'],
  bn1: [0, '1'],
  conv_dw: [1, '0'],
  bn2: [1, '1'],
  conv_reduce: [2, 'fc1'],
  conv_expand: [2, 'fc2'],
  conv_pwl: [3, '0'],
  bn3: [3, '1'],
}
