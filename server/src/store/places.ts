import { API_LIMITS } from '../api/limits.ts';

/** Folder of the store in the data directory. */
export const STORE_FOLDER = 'store';

/** Queries of the store at once: what the api lets in, and one for the server itself (`resend`, figures). */
export const STORE_READERS: number = API_LIMITS.lightQueries.value + API_LIMITS.heavyQueries.value + 1;
