/** The console: whoever is not signed in signs in, whoever was invited joins, everybody else finds the day's work. */
import { Button, ConfigProvider, Layout, Spin } from 'antd'
import zhCN from 'antd/locale/zh_CN'
import { lazy, StrictMode, Suspense, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { api, Problem, rememberWord, take } from './api.ts'
import { SignIn } from './sign-in.tsx'

const Join = lazy(() => import('./join.tsx').then(({ Join: page }) => ({ default: page })))
const Worklist = lazy(() => import('./worklist.tsx').then(({ Worklist: page }) => ({ default: page })))

interface Visitor {
  name: string
  roles: string[]
}

const tokenIn = (hash: string) => /^#\/join\/([\w-]+)$/.exec(hash)?.[1]

function Console() {
  const [visitor, setVisitor] = useState<Visitor | null>()
  const [token, setToken] = useState(tokenIn(location.hash))

  async function look(): Promise<void> {
    try {
      const { csrf, ...found } = await take(api.session.$get())
      rememberWord(csrf)
      setVisitor(found)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      setVisitor(null)
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => void look(), [])

  async function leave(): Promise<void> {
    await take(api['sign-out'].$post({ json: {} } as never)).catch(() => undefined)
    setVisitor(null)
  }
  function joined(): void {
    history.replaceState(null, '', '#/')
    setToken(undefined)
  }

  if (token !== undefined)
    return (
      <Suspense fallback={<Spin fullscreen />}>
        <Join token={token} onDone={joined} />
      </Suspense>
    )
  if (visitor === undefined) return <Spin fullscreen />
  if (visitor === null) return <SignIn onDone={() => void look()} />
  return (
    <Layout style={{ minHeight: '100vh' }}>
      <Layout.Header
        style={{ display: 'flex', alignItems: 'center', gap: 16, background: '#fff', paddingInline: 16 }}
      >
        <strong style={{ flex: 1 }}>政务公开工作台</strong>
        <span>{visitor.name}</span>
        <Button onClick={() => void leave()}>退出</Button>
      </Layout.Header>
      <Layout.Content style={{ padding: 16 }}>
        <h1 style={{ fontSize: 20 }}>待办</h1>
        <Suspense fallback={<Spin />}>
          <Worklist />
        </Suspense>
      </Layout.Content>
    </Layout>
  )
}

/** Darker than the library's own, so that every text has a contrast of 4.5 (WCAG 2.2, 1.4.3). */
const theme = {
  token: {
    colorPrimary: '#0b57a4',
    colorPrimaryHover: '#094a8c',
    colorPrimaryActive: '#083e75',
    colorLink: '#0b57a4',
    colorError: '#b3261e',
    colorErrorText: '#b3261e',
    colorWarningText: '#8a5200',
    colorTextDescription: '#525a63',
    colorTextPlaceholder: '#6b7280',
  },
}

const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? ''
const place = document.getElementById('console')
if (place)
  createRoot(place).render(
    <StrictMode>
      <ConfigProvider locale={zhCN} csp={{ nonce }} theme={theme}>
        <Console />
      </ConfigProvider>
    </StrictMode>,
  )
