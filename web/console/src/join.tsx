/** Joining by a link that is good once: the first administrator names themselves, everybody sets a password. */
import { Alert, Button, Card, Form, Input, Result } from 'antd'
import { useEffect, useState } from 'react'
import { api, Problem, take } from './api.ts'

interface Fields {
  name: string
  password: string
  again: string
}

export function Join({ token, onDone }: { token: string; onDone(): void }) {
  const [invited, setInvited] = useState<{ good: boolean; name: string | null }>()
  const [problem, setProblem] = useState<string>()

  useEffect(() => {
    take(api.invited.$post({ json: { token } })).then(setInvited, error => setProblem(String(error.message)))
  }, [token])

  async function send({ name, password }: Fields): Promise<void> {
    try {
      await take(api.join.$post({ json: { token, password, ...(invited?.name === null && { name }) } }))
      onDone()
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : String(error))
    }
  }

  if (invited && !invited.good)
    return <Result status="warning" title="这个链接用过了或者过期了" subTitle="请向管理员要一个新的。" />
  return (
    <main style={{ maxWidth: 440, margin: '10vh auto', padding: 16 }}>
      <Card title={<h1 style={{ fontSize: 20, margin: 0 }}>设置密码</h1>} loading={!invited}>
        <Form<Fields> layout="vertical" onFinish={send} requiredMark={false}>
          {problem !== undefined && (
            <Alert type="error" showIcon title={problem} style={{ marginBottom: 16 }} />
          )}
          {invited?.name === null ? (
            <Form.Item
              label="姓名"
              name="name"
              extra="您是第一位管理员。这个名字会出现在审计记录里。"
              rules={[{ required: true, message: '请写姓名' }]}
            >
              <Input autoComplete="username" autoFocus />
            </Form.Item>
          ) : (
            <p>
              为 <strong>{invited?.name}</strong> 设置密码。
            </p>
          )}
          <Form.Item
            label="密码"
            name="password"
            extra="至少12个字。可以用几个不相干的词连起来，好记也难猜。"
            rules={[{ required: true, min: 12, message: '密码至少12个字' }]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Form.Item
            label="再写一次"
            name="again"
            dependencies={['password']}
            rules={[
              ({ getFieldValue }) => ({
                validator: (_, value) =>
                  value === getFieldValue('password')
                    ? Promise.resolve()
                    : Promise.reject(new Error('两次写的不一样')),
              }),
            ]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" block>
            保存
          </Button>
        </Form>
      </Card>
    </main>
  )
}
