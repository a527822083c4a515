/** What a service shows to others when it asks them. */
export interface Credentials {
  /** The value of the `Authorization` header. Throws 503 when the auth service cannot be asked. */
  authorization(): Promise<string>;
  /** Takes note that this value was refused; answers whether asking for another one makes sense. */
  renew(refused: string): boolean;
}
