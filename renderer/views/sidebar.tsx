/** The five pages: beside the content, or under it where the window is narrow. */
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/icons.tsx';
import { linkTo, pages, type Route } from '../route.ts';

export function Sidebar({ page }: { readonly page: Route['page'] }) {
  const { t } = useTranslation();
  const here = page === 'set' ? 'overview' : page;
  return (
    <nav className="sidebar" aria-label={t('pages.navigation')}>
      <p className="brand">Slackwater</p>
      {pages.map((name) => (
        <a key={name} href={linkTo(name)} {...(name === here ? { 'aria-current': 'page' } : {})}>
          <Icon name={name} />
          <span>{t(`pages.${name}`)}</span>
        </a>
      ))}
    </nav>
  );
}
