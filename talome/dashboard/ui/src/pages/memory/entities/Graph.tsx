import { useMemo } from 'react';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { layout } from './layout';
import type { Entity, MemoryLink } from './EntitiesTab';

interface Props {
  entities: Entity[];
  links: MemoryLink[];
  /** The id of the entity that is looked at. */
  chosen: string;
  onChoose: (id: string) => void;
}

const [WIDTH, HEIGHT] = [960, 460];
/** More than these make no picture. */
const MOST_NODES = 90;
const LONGEST = 22;

interface Node {
  id: string;
  name: string | null;
}

/** The best linked entities, and the notes that tie two of them together. */
function nodesOf(entities: Entity[], links: MemoryLink[]): Node[] {
  const count = new Map<string, number>();
  for (const { source_id, target_id } of links) for (const id of [source_id, target_id]) count.set(id, (count.get(id) ?? 0) + 1);
  const named = [...entities].sort((a, b) => (count.get(b.id) ?? 0) - (count.get(a.id) ?? 0)).map(({ id, name }): Node => ({ id, name }));
  const known = new Set(named.map(({ id }) => id));
  const notes = [...count].filter(([id, times]) => !known.has(id) && times > 1).map(([id]): Node => ({ id, name: null }));
  return [...named, ...notes].slice(0, MOST_NODES);
}

/** A picture of how things hang together. The list below says the same, so it is for the eye and the pointer only. */
export function Graph({ entities, links, chosen, onChoose }: Props) {
  const { nodes, edges, places } = useMemo(() => {
    const found = nodesOf(entities, links);
    const shown = new Set(found.map(({ id }) => id));
    const drawn = links.filter(({ source_id, target_id }) => shown.has(source_id) && shown.has(target_id));
    const ids = found.map(({ id }) => id);
    const pulls = drawn.map(({ source_id, target_id }) => ({ from: source_id, to: target_id }));
    return { nodes: found, edges: drawn, places: layout(ids, pulls, WIDTH, HEIGHT) };
  }, [entities, links]);
  return (
    <figure className={classes.figureBox}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={classes.graph} aria-hidden>
        {edges.map(({ id, source_id, target_id }) => {
          const [from, to] = [places.get(source_id), places.get(target_id)];
          if (!from || !to) return null;
          return (
            <line
              key={id}
              className={classes.edge}
              data-near={source_id === chosen || target_id === chosen || undefined}
              x1={from.x}
              y1={from.y}
              x2={to.x}
              y2={to.y}
            />
          );
        })}
        {nodes.map(({ id, name }) => {
          const place = places.get(id);
          if (!place) return null;
          return (
            <g
              key={id}
              className={classes.node}
              data-note={name === null || undefined}
              data-chosen={id === chosen || undefined}
              transform={`translate(${place.x} ${place.y})`}
              onClick={name === null ? undefined : () => onChoose(id)}
            >
              <circle r={name === null ? 5 : 9} />
              {name !== null && (
                <text x={13} y={4}>
                  {name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <figcaption className={classes.told}>{t('memory.entity.picture')}</figcaption>
    </figure>
  );
}
