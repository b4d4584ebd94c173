/** Charts as SVG, drawn on the server: told apart without colour, with their figures written beside them. */

export interface Bars {
  title: string
  /** Each with its figure; in the order from above. */
  bars: readonly (readonly [name: string, value: number])[]
  unit: string
}

export interface Groups {
  title: string
  /** What is compared: two years, … */
  series: readonly { name: string; values: readonly number[] }[]
  names: readonly string[]
  unit: string
}

const font = 'Noto Sans S Chinese, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif'
const width = 760
const text = { fontFamily: font, fontSize: 14, color: '#1a1a1a' }
/** Dark and light, so that they differ in print without colour. */
const colours = ['#0b57a4', '#a9c7e8', '#5b6770', '#d9dee2']

async function draw(option: object, height: number): Promise<string> {
  const [{ init, use }, { BarChart }, components, { SVGRenderer }] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ])
  use([
    BarChart,
    components.GridComponent,
    components.TitleComponent,
    components.LegendComponent,
    SVGRenderer,
  ])
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: font }, ...option })
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

const titleOf = (title: string) => ({ text: title, left: 'center', textStyle: { ...text, fontSize: 17 } })
const label = (position: string) => ({ show: true, position, ...text })

/** Bars that lie, one a name. */
export function drawBars({ title, bars, unit }: Bars): Promise<string> {
  const names = bars.map(([name]) => name)
  return draw(
    {
      title: titleOf(title),
      grid: { left: 12, right: 60, top: 48, bottom: 28 },
      xAxis: { type: 'value', name: unit, minInterval: 1, axisLabel: text, nameTextStyle: text },
      yAxis: { type: 'category', data: names, inverse: true, axisLabel: text, axisTick: { show: false } },
      series: [
        {
          type: 'bar',
          data: bars.map(([, value]) => value),
          barMaxWidth: 26,
          itemStyle: { color: colours[0] },
          label: label('right'),
        },
      ],
    },
    110 + bars.length * 40,
  )
}

/** Bars that stand, side by side for each name. */
export function drawGroups({ title, series, names, unit }: Groups): Promise<string> {
  return draw(
    {
      title: titleOf(title),
      legend: { bottom: 4, textStyle: text },
      grid: { left: 12, right: 24, top: 64, bottom: 44 },
      xAxis: {
        type: 'category',
        data: names,
        axisLabel: { ...text, interval: 0 },
        axisTick: { show: false },
      },
      yAxis: { type: 'value', name: unit, minInterval: 1, axisLabel: text, nameTextStyle: text },
      series: series.map(({ name, values }, i) => ({
        type: 'bar',
        name,
        data: values,
        barMaxWidth: 34,
        itemStyle: { color: colours[i % colours.length], borderColor: '#1a1a1a', borderWidth: 1 },
        label: label('top'),
      })),
    },
    360,
  )
}
