import { describe, expect, it } from 'vitest';
import { explainFailure } from '../../src/store/s3/failure.js';

const failure = (code: string) => Object.assign(new Error('it went wrong'), { code });

describe('what went wrong with an object', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE'])('is an outage where %s says so', (code) => {
    expect(explainFailure(failure(code), 's3://b/a', 'read')).toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it.each(['ENOSPC', 'ERR_INVALID_ARG_TYPE', 'CERT_HAS_EXPIRED'])('is none where it is %s', (code) => {
    expect(explainFailure(failure(code), 's3://b/a', 'read')).toMatchObject({ code: 'READ_FAILED' });
    expect(explainFailure(failure(code), 's3://b/a', 'write')).toMatchObject({ code: 'WRITE_FAILED' });
  });
});
