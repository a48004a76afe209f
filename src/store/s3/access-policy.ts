import { GetBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import { type S3Location, s3Uri } from '../s3-uri.js';
import { isUnsupported, orFail } from './failure.js';

/** As ObjectStore.accessPolicy. */
export function accessPolicy(client: S3Client, at: S3Location): Promise<string | null | undefined> {
  return orFail(s3Uri(at), 'read', async () => {
    try {
      const { Policy } = await client.send(new GetBucketPolicyCommand({ Bucket: at.bucket }));
      return Policy ?? null;
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchBucketPolicy') return null;
      if (isUnsupported(error)) return undefined;
      throw error;
    }
  });
}
