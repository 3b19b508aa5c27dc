/** Words of the page `currency`. */

import { dictionary } from "./dictionary";

export const currency = dictionary({
  title: { en: "The currency at a glance", zh: "货币一览" },
  lead: {
    en: "How much money there is, how it moves, and whether all is well. Anybody may see this; nobody's payments can be told from it.",
    zh: "有多少钱、钱怎样流动、一切是否正常。任何人都可以看；从中看不出任何人的付款。",
  },
  connecting: { en: "Connecting", zh: "正在连接" },
  live: { en: "Live", zh: "实时" },
  late: { en: "Nothing new for some seconds", zh: "已有几秒没有新数据" },
  lost: { en: "Connection lost; these figures are old", zh: "连接已断开，以下为旧数据" },
  nobodyAnswers: {
    en: "The registration centre does not answer. This page goes on trying.",
    zh: "登记中心没有回应。本页会继续尝试。",
  },
  none: { en: "none", zh: "无" },
  now: { en: "now", zh: "现在" },
  twoMinutesAgo: { en: "2 minutes ago", zh: "2 分钟前" },
  settled: { en: "Transactions settled each second", zh: "每秒结算的交易" },
  seriesSaid: {
    en: (now: string, most: string, total: string, minutes: number) =>
      `${now} a second just now, ${most} in the busiest second, ${total} in the last ${minutes} minutes.`,
    zh: (now: string, most: string, total: string, minutes: number) =>
      `目前每秒 ${now} 笔，最忙的一秒 ${most} 笔，最近 ${minutes} 分钟共 ${total} 笔。`,
  },
  latency: { en: "Time to settle", zh: "结算用时" },
  p50: { en: "Half of them within", zh: "一半在此时间内" },
  p99: { en: "99 of 100 within", zh: "99% 在此时间内" },
  latencySaid: {
    en: (count: string) => `${count} transactions of the last minute, from being taken in to being answered for good.`,
    zh: (count: string) => `最近一分钟的 ${count} 笔交易，从受理到给出最终结果。`,
  },
  perInstitution: { en: "By institution", zh: "各机构" },
  institutionHead: { en: "Institution", zh: "机构" },
  institution: { en: (home: number) => `Institution ${home}`, zh: (home: number) => `${home} 号机构` },
  issued: { en: "Issued", zh: "已发行" },
  redeemed: { en: "Redeemed", zh: "已回笼" },
  outstanding: { en: "Outstanding", zh: "流通总量" },
  held: { en: "Held there now", zh: "现存" },
  agrees: {
    en: "Issued less redeemed is just the sum of all unspent coins.",
    zh: "已发行减已回笼，正好等于全部未花的币之和。",
  },
  differs: {
    en: "Issued less redeemed is not the sum of all unspent coins: something is wrong.",
    zh: "已发行减已回笼不等于全部未花的币之和：有问题。",
  },
  parts: { en: "Parts of the network", zh: "网络各部分" },
  partsUnknown: { en: "Nobody tells how the parts are.", zh: "各部分状态未知。" },
  centre: { en: "Registration centre", zh: "登记中心" },
  centralBank: { en: "Central bank", zh: "中央银行" },
  witness: { en: "Supervisor's witness", zh: "监管见证人" },
  ready: { en: "Ready", zh: "就绪" },
  notReady: { en: "Not ready", zh: "未就绪" },
  latest: { en: "Where the ledger stands", zh: "账本现状" },
  batch: { en: "Batch", zh: "批次" },
  ledgerTime: { en: "Ledger time", zh: "账本时间" },
  kernel: { en: "Kernel", zh: "内核" },
  digest: { en: "Digest of the state", zh: "状态摘要" },
  digestAt: { en: (batch: string) => `Digest of the state at batch ${batch}`, zh: (batch: string) => `第 ${batch} 批的状态摘要` },
  chainHead: { en: "Head of the chain", zh: "链头" },
  networkId: { en: "Network", zh: "网络标识" },
  wordsTitle: { en: "What the words mean", zh: "词义" },
  issuedMeans: {
    en: "All that officers of the central bank have ever let come into being.",
    zh: "审批人批准发行过的全部金额。",
  },
  redeemedMeans: {
    en: "What institutions have given back; it exists no more.",
    zh: "机构交回央行、已经注销的金额。",
  },
  outstandingMeans: {
    en: "Issued less redeemed: all the money that there is, in vaults and in wallets.",
    zh: "已发行减已回笼：现有的全部货币，在库里或钱包里。",
  },
  heldMeans: {
    en: "Coins in an institution's vault and in the wallets that it serves. Payments between institutions change it.",
    zh: "机构库中和它所服务的钱包里的币。跨机构付款会改变它。",
  },
  batchMeans: {
    en: "Payments are written into the ledger in numbered batches, one after the other.",
    zh: "付款按批次写入账本，批次依次编号。",
  },
  digestMeans: {
    en: "A fingerprint of all unspent coins and all rules. Whoever recomputes the ledger must come to the same.",
    zh: "全部未花的币和全部规则的指纹。任何人重算账本，都必须得到同一个值。",
  },
  chainHeadMeans: {
    en: "A fingerprint of everything that was ever written. It makes changing the past show.",
    zh: "写入过的一切内容的指纹。改动过去会因此暴露。",
  },
  latencyMeans: {
    en: "From the moment an institution hands a payment in until the registration centre has settled it for good.",
    zh: "从机构提交付款，到登记中心最终结算完毕的时间。",
  },
  checkTitle: { en: "Check it yourself", zh: "自己核对" },
  checkSaid: {
    en: "Trust none of these figures: install Tongbao and ask. Whoever has a copy of the journal needs to ask nobody.",
    zh: "不必相信这些数字：安装通宝自己查询。有日志副本的人无需询问任何人。",
  },
  checkAsk: { en: "Ask the registration centre", zh: "询问登记中心" },
  checkJournal: { en: "Check every link of the journal", zh: "核对日志的每一环" },
  checkRecount: { en: "Count the supply anew from the journal alone", zh: "只凭日志重新计算供应量" },
  genesisTitle: { en: "Check the genesis on this device", zh: "在本机核对创世" },
  genesisSaid: {
    en: "Genesis fixes the network: its name, its officers, its limits. Its hash is the network itself, so a changed one gives itself away.",
    zh: "创世确定整个网络：名称、审批人、限额。它的哈希就是网络标识，改动过的创世会因此暴露。",
  },
  genesisCheck: { en: "Fetch and check it", zh: "获取并核对" },
  genesisHolds: {
    en: "This device has hashed it and found this network's id.",
    zh: "本机计算了它的哈希，与网络标识一致。",
  },
  genesisDiffers: {
    en: "Its hash is not this network's id: do not trust these pages.",
    zh: "它的哈希与网络标识不一致：不要相信这些页面。",
  },
  genesisName: { en: "Name in it", zh: "其中的名称" },
  genesisHash: { en: "Hash computed here", zh: "本机算出的哈希" },
  genesisKeep: { en: "Keep it as genesis.bin", zh: "保存为 genesis.bin" },
});
