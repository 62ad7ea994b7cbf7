import './styles/mantine.css';
import './styles/fonts.css';
import './styles/tokens.css';
import { hasSignedIn } from './api/session';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

// Only what is needed is loaded: the sign-in page knows nothing of the router, the pages or the charts.
if (hasSignedIn()) void import('./app/start').then(({ startApp }) => startApp(root));
else void import('./gate/start').then(({ startGate }) => startGate(root));
