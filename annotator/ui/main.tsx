import { Route, Router } from '@solidjs/router'
import { lazy } from 'solid-js'
import { render } from 'solid-js/web'
import { ReviewPage } from './review/review-page.tsx'
import { Shell } from './shell/shell.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/queue-list.css'
import './styles/viewport.css'
import './styles/sibling-strip.css'
import './styles/decision.css'
import './styles/review-windows.css'
import './styles/review.css'
import './styles/caption.css'
import './styles/pages.css'

const DocumentsPage = lazy(() => import('./pages/documents-page.tsx'))
const DocumentPage = lazy(() => import('./pages/document-page.tsx'))
const CyclesPage = lazy(() => import('./pages/cycles-page.tsx'))
const CyclePage = lazy(() => import('./pages/cycle-page.tsx'))
const ComparePage = lazy(() => import('./pages/compare-page.tsx'))
const LabelAuditPage = lazy(() => import('./pages/label-audit-page.tsx'))
const DiagnosePage = lazy(() => import('./pages/diagnose-page.tsx'))
const DatasetPage = lazy(() => import('./pages/dataset-page.tsx'))
const DatasetsPage = lazy(() => import('./pages/datasets-page.tsx'))
const PeoplePage = lazy(() => import('./pages/people-page.tsx'))
const AdjudicationPage = lazy(() => import('./pages/adjudication-page.tsx'))
const NoSuchPage = lazy(() => import('./pages/no-such-page.tsx'))

const place = document.getElementById('page')
if (place)
  render(
    () => (
      <Router root={Shell}>
        <Route path="/" component={ReviewPage} />
        <Route path="/login" component={ReviewPage} />
        <Route path="/documents" component={DocumentsPage} />
        <Route path="/document" component={DocumentPage} />
        <Route path="/cycles" component={CyclesPage} />
        <Route path="/cycles/compare" component={ComparePage} />
        <Route path="/label-audit" component={LabelAuditPage} />
        <Route path="/cycles/:id" component={CyclePage} />
        <Route path="/diagnose" component={DiagnosePage} />
        <Route path="/dataset" component={DatasetPage} />
        <Route path="/datasets" component={DatasetsPage} />
        <Route path="/people" component={PeoplePage} />
        <Route path="/adjudicate" component={AdjudicationPage} />
        <Route path="*" component={NoSuchPage} />
      </Router>
    ),
    place,
  )
