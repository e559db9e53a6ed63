/** The icons of the pages: lines of one weight, drawn here. They are decoration: a word always stands beside them. */
import type { ReactNode } from 'react';
import type { PageName } from '../route.ts';

export type IconName = PageName | 'folder' | 'file';

const shapes: Readonly<Record<IconName, ReactNode>> = {
  overview: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M6 13c2-2.5 4-2.5 6 0s4 2.5 6 0" />
    </>
  ),
  restore: (
    <>
      <path d="M4 5v5h5" />
      <path d="M4.6 10A8 8 0 1 1 4 13" />
      <path d="M12 8v4.5l3 1.5" />
    </>
  ),
  vaults: (
    <>
      <rect x="4" y="4" width="16" height="15" rx="2" />
      <circle cx="12" cy="11.5" r="3" />
      <path d="M12 14.5v2M7 19v2M17 19v2" />
    </>
  ),
  activity: <path d="M4 6h3M4 12h3M4 18h3M11 6h9M11 12h9M11 18h6" />,
  settings: (
    <>
      <path d="M4 7h9M17 7h3M4 17h3M11 17h9" />
      <circle cx="15" cy="7" r="2" />
      <circle cx="9" cy="17" r="2" />
    </>
  ),
  folder: <path d="M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z" />,
  file: <path d="M6 3h8l4 4v14H6zM14 3v4h4" />,
};

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      {shapes[name]}
    </svg>
  );
}
