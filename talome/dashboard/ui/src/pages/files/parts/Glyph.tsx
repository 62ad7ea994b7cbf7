import {
  IconFile,
  IconFileMusic,
  IconFileText,
  IconFileTypePdf,
  IconFileZip,
  IconFolderFilled,
  IconLink,
  IconMarkdown,
  IconMovie,
  IconPhoto,
  IconPlugConnected,
  type TablerIcon,
} from '@tabler/icons-react';
import { type Entry, type Look, lookOf } from '@/domain/files';
import classes from './Glyph.module.css';
import { useThumbnail } from './thumbnails';

const ICONS: Record<Look, TablerIcon> = {
  folder: IconFolderFilled,
  image: IconPhoto,
  video: IconMovie,
  audio: IconFileMusic,
  pdf: IconFileTypePdf,
  markdown: IconMarkdown,
  text: IconFileText,
  archive: IconFileZip,
  link: IconLink,
  special: IconPlugConnected,
  file: IconFile,
};

interface Props {
  entry: Pick<Entry, 'name' | 'kind' | 'mediaType'> & Partial<Entry>;
  size: number;
}

/** What a file is, as a picture: a small one of itself where there is one. */
export function Glyph({ entry, size }: Props) {
  const thumbnail = useThumbnail(entry.thumbnail ? entry.path : undefined, entry.modifiedAt);
  const look = lookOf(entry);
  const Icon = ICONS[look];
  if (thumbnail !== null) {
    return <img className={classes.thumbnail} style={{ width: size, height: size }} src={thumbnail} alt="" draggable={false} />;
  }
  return <Icon className={classes.icon} data-look={look} size={size} stroke={size > 40 ? 1.1 : 1.6} aria-hidden />;
}
