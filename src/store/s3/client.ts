import { S3Client } from '@aws-sdk/client-s3';
import { fromIni } from '@aws-sdk/credential-provider-ini';

/** Where AWS lets one leave it open; elsewhere servers take any. */
const DEFAULT_REGION = 'us-east-1';
const CONNECT_MS = 10_000;
/** Longer than a server takes to copy a part of the largest size. */
export const SILENCE_MS = 120_000;

/**
 * A client that follows the standard variables and files of AWS. A server of one's own is asked by path: it has no host
 * name for each bucket. A profile is one of the files of AWS, instead of what the variables say.
 */
export async function connect(silenceMs: number, profile?: string): Promise<S3Client> {
  const named = profile === undefined ? {} : { profile };
  const { config } = new S3Client(named);
  const region = await config.region().catch(() => DEFAULT_REGION);
  const endpoint = await config.serviceConfiguredEndpoint?.();
  const client = new S3Client({
    ...named,
    // Else what the variables say is a source beside it, of which the client warns.
    ...(profile !== undefined && { credentials: fromIni({ profile }) }),
    region,
    forcePathStyle: endpoint !== undefined,
    followRegionRedirects: true,
    // What goes before each request is put together once, not anew: that was a fifth of what a small one takes.
    cacheMiddleware: true,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: silenceMs },
  });
  // A signature covers the digest of what is sent, which would be taken once more where its checksum says it already.
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { readonly headers: Record<string, string> };
      const checksum = headers['x-amz-checksum-sha256'];
      if (checksum !== undefined) headers['x-amz-content-sha256'] = Buffer.from(checksum, 'base64').toString('hex');
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  return client;
}
