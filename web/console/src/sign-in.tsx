/** Signing in: name and password, and then the code where one is asked for. */
import { Alert, Button, Card, Form, Input } from 'antd'
import { useState } from 'react'
import { api, Problem, take } from './api.ts'

interface Fields {
  name: string
  password: string
  code?: string
}

export function SignIn({ onDone }: { onDone(): void }) {
  const [asksCode, setAsksCode] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)

  async function send({ name, password, code }: Fields): Promise<void> {
    setBusy(true)
    setProblem(undefined)
    try {
      const json = { name, password, ...(asksCode && code !== undefined && { code }) }
      const { needs } = await take(api['sign-in'].$post({ json }))
      if (needs === 'nothing') onDone()
      else setAsksCode(true)
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <main style={{ maxWidth: 400, margin: '12vh auto', padding: 16 }}>
      <Card title={<h1 style={{ fontSize: 20, margin: 0 }}>政务公开工作台</h1>}>
        <Form<Fields> layout="vertical" onFinish={send} requiredMark={false}>
          {problem !== undefined && (
            <Alert type="error" showIcon title={problem} style={{ marginBottom: 16 }} />
          )}
          <Form.Item label="姓名" name="name" rules={[{ required: true, message: '请写姓名' }]}>
            <Input autoComplete="username" autoFocus size="large" />
          </Form.Item>
          <Form.Item label="密码" name="password" rules={[{ required: true, message: '请写密码' }]}>
            <Input.Password autoComplete="current-password" size="large" />
          </Form.Item>
          {asksCode && (
            <Form.Item
              label="动态码"
              name="code"
              extra="手机上身份验证应用里的6位数字"
              rules={[{ required: true, message: '请写动态码' }]}
            >
              <Input autoComplete="one-time-code" inputMode="numeric" autoFocus size="large" />
            </Form.Item>
          )}
          <Button type="primary" htmlType="submit" block size="large" loading={busy}>
            登录
          </Button>
        </Form>
      </Card>
    </main>
  )
}
