/** What is to be done: late, today, this week, later. */
import { Alert, Empty, Spin, Table, Tag } from 'antd'
import { useEffect, useState } from 'react'
import { api, Problem, take } from './api.ts'

type Row = Awaited<ReturnType<Awaited<ReturnType<typeof api.requests.$get>>['json']>>['requests'][number]

const stateWords: Record<string, string> = {
  registered: '已登记',
  triaged: '已初审',
  assigned: '办理中',
  'supplement-asked': '等补正',
  'fee-asked': '等缴费',
  drafted: '已拟稿',
  reviewed: '已审核',
  signed: '已签发',
}

const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format()

function Due({ dueOn }: { dueOn: string }) {
  const now = today()
  if (dueOn < now) return <Tag color="error">逾期 {dueOn}</Tag>
  if (dueOn === now) return <Tag color="warning">今天</Tag>
  return <>{dueOn}</>
}

export function Worklist() {
  const [rows, setRows] = useState<Row[]>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    take(api.requests.$get()).then(
      ({ requests }) => setRows(requests),
      error => setProblem(error instanceof Problem ? error.message : String(error)),
    )
  }, [])
  if (problem !== undefined) return <Alert type="error" showIcon title={problem} />
  if (!rows) return <Spin />
  return (
    <Table<Row>
      rowKey="ref"
      dataSource={rows}
      pagination={{ pageSize: 20, hideOnSinglePage: true }}
      scroll={{ x: 'max-content' }}
      locale={{ emptyText: <Empty description="没有正在办理的申请" /> }}
      columns={[
        { title: '编号', dataIndex: 'ref' },
        { title: '状态', dataIndex: 'state', render: (state: string) => stateWords[state] ?? state },
        { title: '收到', dataIndex: 'receivedOn' },
        { title: '答复期限', dataIndex: 'dueOn', render: (dueOn: string) => <Due dueOn={dueOn} /> },
        { title: '承办', dataIndex: 'assignee', render: (name: string | null) => name ?? '未交办' },
      ]}
    />
  )
}
