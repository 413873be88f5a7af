/** Why a poll did not go through, and what to look at. Stable codes; nothing is lost by any of them. */
export const POLL_FAULTS = {
  unreachable: 'the audit log cannot be reached: check the address, the network and the certificate',
  timeout: 'the audit log did not answer in time',
  redirected:
    'the audit log answered with a redirect, and credentials are not sent elsewhere: configure the final address',
  unauthorized: 'the audit log refused the token (401): check it and its expiry',
  forbidden: 'the token may not read the audit log (403)',
  not_found: 'there is no audit log at this address (404)',
  rate_limited: 'the audit log asks for fewer requests (429)',
  server_error: 'the audit log failed to answer (5xx)',
  unexpected_status: 'the audit log answered with an unexpected status',
  response_too_large: 'an answer was larger than allowed: ask for smaller pages',
  invalid_json: 'an answer was not JSON',
  unexpected_body: 'an answer did not hold a list of rows where the configuration says',
  too_many_pages: 'there were more pages than one poll may read',
  paging_stuck: 'the same page came twice: check the paging parameters',
  ledger_unavailable: 'what was read could not be made durable',
  state_failed: 'the place up to which the log was read could not be saved',
  unexpected: 'an unforeseen error, named in the log by its class',
  closed: 'the poller was closed',
} as const;

export type PollFaultCode = keyof typeof POLL_FAULTS;

export interface AuditPollFault {
  readonly code: PollFaultCode;
  readonly message: string;
}

export class AuditPollError extends Error {
  readonly fault: AuditPollFault;
  /** What the other side asked for. */
  readonly retryAfterMillis: number | undefined;

  constructor(code: PollFaultCode, detail = '', retryAfterMillis?: number) {
    const message = `${POLL_FAULTS[code]}${detail}`;
    super(message);
    this.name = 'AuditPollError';
    this.fault = { code, message };
    this.retryAfterMillis = retryAfterMillis;
  }
}
