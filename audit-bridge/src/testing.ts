export { ETCD_KINDS, KNOWN_KINDS } from './redact/kinds.ts';
export { type Planted, plantedDocument, UNKNOWN_KIND } from './redact/testing/plantedDocument.ts';
