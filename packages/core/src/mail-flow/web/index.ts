export { pageFolder } from "./host-page.ts";
export { type MtaStsStep, mtaStsModes, mtaStsStepProblem, servedMtaStsPolicy } from "./mta-sts.ts";
export { renderWeb } from "./render-web.ts";
export { webNamesOf } from "./web-names.ts";
