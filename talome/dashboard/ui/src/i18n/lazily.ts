/** Makes something when it is first needed: what a formatter knows of languages takes a browser many milliseconds. */
export function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
