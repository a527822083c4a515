/**
 * Which of the sockets that listen on a port may answer on an address of it. The kernel hands a connection to the socket
 * bound most narrowly: the address itself, then its wildcard, then for IPv4 the IPv6 wildcard. Several at one level share
 * a port (SO_REUSEPORT), and any of them may answer.
 */
export function answeringOn<T extends { readonly address: string }>(
  listening: readonly T[],
  address: string,
): readonly T[] {
  const levels = address.includes(':') ? [address, '::'] : [address, '0.0.0.0', '::'];
  for (const level of levels) {
    const bound = listening.filter((socket) => socket.address === level);
    if (bound.length > 0) return bound;
  }
  return [];
}
