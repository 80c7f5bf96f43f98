/** Table 1 of medRxiv 2020.05.11.20097907v1, per cent: baseline and LA-DNN. */
export interface PublishedRow {
  accuracy: readonly [base: number, laDnn: number]
  f1: readonly [number, number]
  auc: readonly [number, number]
  sensitivity: readonly [number, number]
}

export const TABLE_1: ReadonlyMap<string, PublishedRow> = new Map([
  ['vgg16', { accuracy: [76, 83], f1: [76, 83], auc: [82, 90], sensitivity: [75, 85] }],
  ['resnet18', { accuracy: [74, 80], f1: [73, 80], auc: [82, 88], sensitivity: [71, 81] }],
  ['resnet50', { accuracy: [80, 85], f1: [81, 83], auc: [88, 91], sensitivity: [67, 79] }],
  ['densenet121', { accuracy: [79, 82], f1: [79, 81], auc: [88, 89], sensitivity: [77, 80] }],
  ['densenet169', { accuracy: [83, 85], f1: [81, 85], auc: [87, 91], sensitivity: [77, 86] }],
  ['efficientnet-b0', { accuracy: [77, 84], f1: [78, 84], auc: [89, 90], sensitivity: [68, 88] }],
  ['efficientnet-b1', { accuracy: [79, 81], f1: [79, 80], auc: [84, 88], sensitivity: [70, 78] }],
])
