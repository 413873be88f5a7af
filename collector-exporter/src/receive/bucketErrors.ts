/** What went wrong between this server and a bucket, in words that name what to check. Never holds a secret. */
export interface BucketFault {
  /** Stable code, for counters and the state of health. */
  readonly code: BucketFaultCode;
  readonly message: string;
}

/** Every way in which a bucket can refuse, with the sentence that is shown. Keys named are those of the configuration. */
export const BUCKET_FAULTS = {
  access_key_unknown:
    'the store does not know the access key: check `credentials.id`, and that `endpoint` is the store that issued it',
  secret_wrong:
    'the store refuses the signature: check `credentials.secret`, `region`, and that no proxy rewrites the host',
  token_expired: 'the temporary credentials have expired: renew them, or let the store issue longer ones',
  credentials_missing:
    'no credentials were found: set `credentials`, or give this process a role or AWS environment variables',
  access_denied:
    'the store knows the credentials but denies access: they need s3:ListBucket on `bucket` and s3:GetObject below `prefix`',
  bucket_missing: 'the store has no such bucket: check `bucket` and `endpoint`',
  region_wrong: 'the bucket lies in another region or at another endpoint: check `region` and `endpoint`',
  clock_wrong: 'the store refuses the time of the request: check the clock of this machine',
  throttled: 'the store asks for fewer requests: raise `interval`',
  endpoint_unknown: 'the name of the store cannot be resolved: check `endpoint`, `bucket` and `force_path_style`',
  endpoint_unreachable: 'the store cannot be reached: check `endpoint`, and the network between',
  tls_failed: 'no trusted TLS connection to the store: check `endpoint` and its certificate',
  store_failed: 'the store answers with an error of its own; trying again',
  object_gone: 'the object was deleted between listing and reading',
  unexpected_answer: 'the store answers with something that is not S3: check `endpoint`',
} as const;

export type BucketFaultCode = keyof typeof BUCKET_FAULTS;

const BY_NAME: Readonly<Record<string, BucketFaultCode>> = {
  InvalidAccessKeyId: 'access_key_unknown',
  UnrecognizedClientException: 'access_key_unknown',
  SignatureDoesNotMatch: 'secret_wrong',
  ExpiredToken: 'token_expired',
  ExpiredTokenException: 'token_expired',
  InvalidToken: 'token_expired',
  TokenRefreshRequired: 'token_expired',
  CredentialsProviderError: 'credentials_missing',
  AccessDenied: 'access_denied',
  AllAccessDisabled: 'access_denied',
  AccountProblem: 'access_denied',
  NoSuchBucket: 'bucket_missing',
  PermanentRedirect: 'region_wrong',
  TemporaryRedirect: 'region_wrong',
  Redirect: 'region_wrong',
  AuthorizationHeaderMalformed: 'region_wrong',
  RequestTimeTooSkewed: 'clock_wrong',
  SlowDown: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequests: 'throttled',
  NoSuchKey: 'object_gone',
  TimeoutError: 'endpoint_unreachable',
  ENOTFOUND: 'endpoint_unknown',
  EAI_AGAIN: 'endpoint_unknown',
  ECONNREFUSED: 'endpoint_unreachable',
  ECONNRESET: 'endpoint_unreachable',
  EHOSTUNREACH: 'endpoint_unreachable',
  ENETUNREACH: 'endpoint_unreachable',
  ETIMEDOUT: 'endpoint_unreachable',
  EPIPE: 'endpoint_unreachable',
  EPROTO: 'tls_failed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_failed',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_failed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_failed',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_failed',
  CERT_HAS_EXPIRED: 'tls_failed',
};

interface Clues {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Names what an error of the S3 client means; nothing of the error's own text is repeated. */
export function bucketFaultOf(error: unknown): BucketFault {
  const code = codeOf(error, 0);
  return { code, message: BUCKET_FAULTS[code] };
}

/** Causes followed; the S3 client wraps an error of the socket once, an agent perhaps once more. */
const MAX_CAUSES = 4;

function codeOf(error: unknown, depth: number): BucketFaultCode {
  const { name, code, Code, cause, errors, $metadata } = (error ?? {}) as Clues;
  for (const word of [name, Code, code]) {
    if (typeof word !== 'string') continue;
    if (Object.hasOwn(BY_NAME, word)) return BY_NAME[word] as BucketFaultCode;
    if (word.startsWith('ERR_TLS') || word.startsWith('ERR_SSL') || word.startsWith('CERT_')) return 'tls_failed';
  }
  const inner = Array.isArray(errors) ? errors[0] : cause;
  if (inner !== undefined && depth < MAX_CAUSES) return codeOf(inner, depth + 1);
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return 'store_failed';
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'access_denied';
  if (status >= 300 && status < 400) return 'region_wrong';
  if (status >= 500) return 'store_failed';
  return 'unexpected_answer';
}
