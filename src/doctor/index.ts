export { examine } from './examine.js';
export { diagnosisJson, renderDiagnosis } from './show.js';
