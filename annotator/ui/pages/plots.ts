/** The plots of the page, in a chunk of their own that is loaded when the first one comes into sight. */
export { lossPlot, precisionRecallPlot, rocPlot } from '../../../data/plots/curve-plots.ts'
export { intervalPlot } from '../../../data/plots/interval-plot.ts'
export { labelChangesPlot } from '../../../data/plots/label-changes-plot.ts'
export { drawSvg } from '../../../data/plots/render-svg.ts'
