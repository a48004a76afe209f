/**
 * Keeps the client of S3 from writing to stderr which version of Node its later versions will ask for: whoever runs a scan
 * can do nothing about it. To be called before the client is loaded.
 */
export function quietAwsSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
