import { type RefObject, useEffect, useState } from 'react';
import { sessionProof } from '@/api/session';

/** Addresses of pictures that are here; null for one that cannot be had. */
const known = new Map<string, string | null>();
const asked = new Map<string, Promise<string | null>>();
const NEAR = '400px';

/** An `<img>` cannot carry the proof that the server wants beside the cookie, so the picture is fetched. */
async function fetchPicture(src: string): Promise<string | null> {
  try {
    const answer = await fetch(src, { headers: { 'X-Talome-Proof': sessionProof() ?? '' } });
    return answer.ok ? URL.createObjectURL(await answer.blob()) : null;
  } catch {
    // Away for now: asked again when it is next shown.
    asked.delete(src);
    return null;
  }
}

function picture(src: string): Promise<string | null> {
  const going = asked.get(src) ?? fetchPicture(src);
  asked.set(src, going);
  return going;
}

/**
 * The address under which this page has a picture of the server's, fetched once its place comes near the screen.
 * Undefined until it is here, null where there is none.
 */
export function usePicture(src: string | null, place: RefObject<Element | null>): string | null | undefined {
  const [, setHere] = useState<string | null>(null);
  const here = src === null ? null : known.get(src);
  useEffect(() => {
    const element = place.current;
    if (src === null || known.has(src) || element === null) return;
    let shown = true;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        observer.disconnect();
        void picture(src).then((address) => {
          if (asked.has(src)) known.set(src, address);
          if (shown) setHere(`${src} ${address}`);
        });
      },
      { rootMargin: NEAR },
    );
    observer.observe(element);
    return () => {
      shown = false;
      observer.disconnect();
    };
  }, [src, place]);
  return here;
}
