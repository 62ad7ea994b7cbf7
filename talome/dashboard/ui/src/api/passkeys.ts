import type { components } from './schema';

type Schemas = components['schemas'];

/** The options as the server sends them: JSON, with base64url for binary values. */
export interface RequestOptions {
  rpId: string;
  challenge: string;
  timeout: number;
  userVerification: UserVerificationRequirement;
  allowCredentials: { type: 'public-key'; id: string }[];
}

interface CreationOptions extends Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials: { type: 'public-key'; id: string }[];
}

/** Why this page can use no passkeys; null where it can. */
export type Obstacle = 'address' | 'http' | 'browser' | null;

export function passkeyObstacle(place: Location = window.location): Obstacle {
  if (/^[\d.]+$/.test(place.hostname) || place.hostname.includes(':')) return 'address';
  if (!window.isSecureContext) return 'http';
  return 'credentials' in navigator && 'PublicKeyCredential' in window ? null : 'browser';
}

export const toBytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));

export function toText(buffer: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(letters).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const withBytes = (known: { type: 'public-key'; id: string }[]) => known.map(({ type, id }) => ({ type, id: toBytes(id) }));

/** Has the browser ask for a passkey. Throws a `DOMException` where the person declines. */
export async function askForPasskey(options: RequestOptions): Promise<Schemas['PasskeyAnswer']> {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: withBytes(options.allowCredentials),
  };
  const found = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = found.response as AuthenticatorAssertionResponse;
  return {
    credentialId: found.id,
    clientData: toText(response.clientDataJSON),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
  };
}

/** Has the browser make a passkey. */
export async function makePasskey(given: Record<string, unknown>): Promise<Schemas['PasskeyMade']> {
  const options = given as unknown as CreationOptions;
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
  };
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    credentialId: made.id,
    clientData: toText(response.clientDataJSON),
    attestation: toText(response.attestationObject),
  };
}

/** Whether the person closed the browser's question, or did not answer it in time. */
export const wasDeclined = (error: unknown): boolean =>
  error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name);
