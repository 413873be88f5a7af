// The bridge itself is not in this version; these are the words in which it will speak.
export type {
  Catalogue,
  CatalogueEntry,
  ChangeAction,
  ChangedPath,
  ChangeState,
  ChangeTrust,
  ConfigChange,
} from '@aisix-observability/evidence';
export { CHANGE_ACTIONS } from '@aisix-observability/evidence';
