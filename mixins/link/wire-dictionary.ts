/**
 * What zstd may take for known: text that most messages have in common. A message of one sale is a quarter smaller by it.
 *
 * Frozen: both ends must have it byte for byte. Another one is another codec of the envelope. The commonest stand last,
 * where they are cheapest to point at.
 */
const TEXTS: readonly string[] = [
  'kind,hello,welcome,refused,greet-again,pull,events,fetch,stranded,adopt,beacon,probe,challenge,alive,ack,run,batch',
  'office,instance,session,nonce,epoch,cursor,seq,hash,source,position,before,after,acked,safeSeq,verdict,quarantined',
  '{"caseId":"","contenders":[{"epoch":1,"office":"","seq":1}],"decision":"automatic","policies":{},"policyVersion":1,"writes":{"cost":"","tax":""}},"dataset":"sales","type":"ConflictResolved","version":1}',
  '"data":{"reason":""},"dataset":"sales","type":"SaleVoided","version":1}',
  '"data":{},"dataset":"sales","type":"SaleRestored","version":1}',
  '"data":{"cost":"1.5"},"dataset":"sales","type":"SaleAmended","version":1}',
  '-01T-02T-03T-04T-05T-06T-07T-08T-09T-10T-11T-12T-13T-14T-15T-16T-17T-18T-19T-20T-21T-22T-23T-24T-25T-26T-27T-28T-29T-30T-31T',
  '{"actor":"anonymous","at":"2027-01-01T00:00:00.000Z/0000","clock":{"head@1":1},"data":{"cost":"0.5","product":"","qty":1,"region":"","soldOn":"2027-01-01","tax":"0"},"dataset":"sales","entityId":"019c0000-0000-7000-8000-000000000000","epoch":1,"id":"019c0000-0000-7000-9000-000000000000","office":"head","scope":"head","seq":1,"type":"SaleRecorded","version":1}',
  '{"actor":"anonymous","at":"2026-01-01T00:00:00.000Z/0000","clock":{"',
  '@1":1},"data":{"cost":"1.25","product":"","qty":1,"region":"","soldOn":"2026-01-01","tax":"0.25"},"dataset":"sales","entityId":"01a20000-0000-7000-a000-000000000000","epoch":1,"id":"01a20000-0000-7000-b000-000000000000","office":"","scope":"","seq":1,"type":"SaleRecorded","version":1}',
];

export const WIRE_DICTIONARY: Buffer = Buffer.from(TEXTS.join('\n'));
