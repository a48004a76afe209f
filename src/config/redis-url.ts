/** A Redis address without what it tells of passwords. */
export function withoutPassword(address: string): string {
  return address.replace(/\/\/[^@/]*@/, '//***@');
}

export function isRedisUrl(address: string): boolean {
  return /^rediss?:\/\/[^/]/.test(address);
}
