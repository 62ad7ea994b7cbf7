import { useEffect, useRef, useState } from 'react';
import { useWide } from '@/app/useWide';
import { bytes } from '@/i18n/format';
import classes from '../Storage.module.css';
import { treemap } from './treemap';
import type { Part } from './tree';

const HEIGHT = 380;
const PHONE_HEIGHT = 300;
const MOST = 120;
const GAP = 2;
/** Smaller ones have no room for words. */
const NAMED = { width: 74, height: 30 };
const SIZED = 46;

interface Props {
  parts: Part[];
  onGo: (id: string) => void;
}

/** The parts as areas. The list below it says the same in words, so to a screen reader this is nothing. */
export function Picture({ parts, onGo }: Props) {
  const wide = useWide();
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const height = wide ? HEIGHT : PHONE_HEIGHT;
  const tiles = treemap(parts.slice(0, MOST), ({ node }) => node.sizeBytes, { x: 0, y: 0, width, height });
  return (
    <div ref={place} className={classes.picture} style={{ height }} aria-hidden>
      <svg width={width} height={height}>
        {tiles.map(({ item: { node, rest }, x, y, width: wideness, height: tallness }) => {
          const inner = { width: Math.max(0, wideness - GAP), height: Math.max(0, tallness - GAP) };
          const opens = (node.children ?? []).length > 0;
          return (
            <g key={node.id} transform={`translate(${x} ${y})`} data-opens={opens || undefined} onClick={opens ? () => onGo(node.id) : undefined}>
              <title>{`${node.name} · ${bytes(node.sizeBytes)}`}</title>
              <rect {...inner} rx={5} data-kind={rest ? 'rest' : node.kind} />
              {inner.width > NAMED.width && inner.height > NAMED.height && (
                <foreignObject {...inner}>
                  <div className={classes.tileWords}>
                    <strong>{node.name}</strong>
                    {inner.height > SIZED && <span>{bytes(node.sizeBytes)}</span>}
                  </div>
                </foreignObject>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
