/** What a person is told of a problem by its code: what it is, and what to do about it. */

import { ofMoney } from "./problemsOfMoney";
import type { ProblemEntry } from "./problemEntry";

/** Of speaking with servers, of the device, and of what a request says. */
const ofSpeaking: Readonly<Record<string, ProblemEntry>> = {
  BUSY: {
    en: ["The bank has much to do just now.", "Wait a moment, then try again."],
    zh: ["银行现在很忙。", "请稍等片刻后重试。"],
  },
  CONFLICT: {
    en: ["This contradicts what is there already.", "Load the page anew and look at it again."],
    zh: ["这与已有的内容冲突。", "请重新加载页面后再查看。"],
  },
  DISK_FULL: {
    en: ["The bank can take nothing new just now. Your money is safe.", "Try again later."],
    zh: ["银行暂时不能受理新的请求，您的钱是安全的。", "请稍后再试。"],
  },
  FORBIDDEN: {
    en: ["This wallet or key may not do that.", "Use the wallet or the key that it belongs to."],
    zh: ["此钱包或密钥无权这样做。", "请使用有权限的钱包或密钥。"],
  },
  HOME_SUSPENDED: {
    en: ["This bank is suspended.", "Your money stays yours. Ask the bank when it works again."],
    zh: ["该机构已被暂停。", "钱仍然是您的。请向机构询问何时恢复。"],
  },
  INTERNAL: {
    en: ["The bank made a mistake of its own.", "Trying again is safe. Tell the bank if it goes on."],
    zh: ["银行自身出了错。", "重试是安全的；如果一直如此，请告知银行。"],
  },
  INVALID_FIELD: {
    en: ["Something that was entered is not possible.", "Look at what you entered and mend it."],
    zh: ["填写的内容有误。", "请检查并更正。"],
  },
  LOOKUPS_USED_UP: {
    en: ["Too much was looked up today.", "Go on tomorrow, or pay by the address that the payee shows you."],
    zh: ["今天查询次数过多。", "请明天再试，或用收款人出示的地址付款。"],
  },
  NETWORK: {
    en: ["No answer came.", "See whether you are online. Trying again is safe: nothing is paid twice."],
    zh: ["没有收到回应。", "请检查网络连接。重试是安全的，不会重复付款。"],
  },
  NOT_FOUND: {
    en: ["It is not there, or not for you.", "See whether the link or the number is the right one."],
    zh: ["找不到，或无权查看。", "请核对链接或号码。"],
  },
  OFFLINE: {
    en: ["You are offline.", "You can read what is on this device. Sending needs a connection."],
    zh: ["您已离线。", "可以查看本机已有的内容；付款需要联网。"],
  },
  PEER: {
    en: ["The bank answered something that it must not.", "Nothing was signed. Try again later."],
    zh: ["银行的回应不符合规则。", "没有签署任何东西。请稍后再试。"],
  },
  PEER_FAILED: {
    en: ["Another bank did not answer as it should.", "It may or may not have happened. Trying again is safe."],
    zh: ["另一家机构没有正确回应。", "操作可能已完成，也可能没有。重试是安全的。"],
  },
  PEER_SILENT: {
    en: ["Another bank gave no answer.", "It may or may not have happened. Trying again is safe."],
    zh: ["另一家机构没有回应。", "操作可能已完成，也可能没有。重试是安全的。"],
  },
  RATE_LIMITED: {
    en: ["That was asked too often.", "Wait a minute, then try again."],
    zh: ["请求太频繁。", "请等一分钟后重试。"],
  },
  SIGNATURE_STALE: {
    en: ["The clock of this device is wrong.", "Set the device's date and time, then try again."],
    zh: ["本机时钟不准。", "请校准本机的日期和时间，然后重试。"],
  },
  STORAGE_FAILED: {
    en: ["The bank's storage does not work just now. Your money is safe.", "Try again later."],
    zh: ["银行的存储暂时故障，您的钱是安全的。", "请稍后再试。"],
  },
  TOO_LARGE: {
    en: ["That is too much at a time.", "Send less."],
    zh: ["一次发送的内容太多。", "请减少内容。"],
  },
  UNAUTHENTICATED: {
    en: ["This bank does not know this wallet or key.", "Open the wallet here first, or choose its own bank."],
    zh: ["该机构不认识此钱包或密钥。", "请先在此开立钱包，或选择钱包所属的机构。"],
  },
  UNAVAILABLE: {
    en: ["The bank does not work just now.", "Try again later."],
    zh: ["银行暂时无法服务。", "请稍后再试。"],
  },
  // Of the sandbox.
  ISSUANCE_WAITS: {
    en: ["Another issuance of this bank waits for its signatures.", "Sign that one first, or wait until it is over."],
    zh: ["该机构的另一笔发行还在等待签名。", "请先为那一笔签名，或等待其结束。"],
  },
  NO_SANDBOX: {
    en: ["There is no play money on this network.", "Ask a bank for the real thing."],
    zh: ["本网络没有试验用的钱。", "请向银行办理。"],
  },
  SANDBOX_LIMIT: {
    en: ["The sandbox has given out enough of that for today.", "Choose less, or come back tomorrow."],
    zh: ["试验环境今天的额度已用完。", "请减少金额，或明天再来。"],
  },
  SANDBOX_NOT_READY: {
    en: ["The sandbox is still being filled.", "Try again in a moment."],
    zh: ["试验环境还在准备。", "请稍后重试。"],
  },
  // Of this device, before anything is asked.
  ADDRESS_INVALID: {
    en: ["This is no address, or a letter of it is wrong.", "Copy it whole, or scan it."],
    zh: ["这不是收款地址，或有字符写错。", "请完整复制，或扫码。"],
  },
  CAMERA_REFUSED: {
    en: ["The camera cannot be used.", "Allow it in the browser's settings, or paste the code."],
    zh: ["无法使用摄像头。", "请在浏览器设置中允许，或粘贴代码。"],
  },
  KEYS_MISSING: {
    en: ["The keys for this are not on this device.", "Type the recovery phrase once more: it brings them."],
    zh: ["此设备上没有所需的密钥。", "请再输入一次恢复短语，即可补充密钥。"],
  },
  PASSKEY_UNFIT: {
    en: ["This passkey cannot open a wallet.", "Use another passkey, or keys on this device."],
    zh: ["此通行密钥不能用于钱包。", "请换一个通行密钥，或使用设备上的密钥。"],
  },
  PASSKEY_REFUSED: {
    en: ["The passkey was not used.", "Try again, and confirm on your device when it asks."],
    zh: ["未使用通行密钥。", "请重试，并在设备询问时确认。"],
  },
  PHRASE_INVALID: {
    en: ["These words are no recovery phrase.", "Look at each word and its place."],
    zh: ["这些词不是恢复词。", "请核对每个词及其顺序。"],
  },
  RECEIPT_INVALID: {
    en: ["This receipt is not genuine, or was changed.", "Believe nothing that it says."],
    zh: ["此回执不真实，或被改动过。", "不要相信其内容。"],
  },
  RECEIPT_OTHER: {
    en: ["This receipt is of another payment.", "It proves nothing of this one."],
    zh: ["这是另一笔付款的回执。", "它不能证明这笔付款。"],
  },
  RECEIPT_REFUSAL: {
    en: ["This receipt says that the payment was refused.", "Nothing was paid by it."],
    zh: ["此回执表明付款被拒绝。", "这笔款没有付出。"],
  },
  SIGNED_TEXT_INVALID: {
    en: ["The public log's own key has not signed this.", "Verify it again later, on another network too."],
    zh: ["这不是透明日志自己的密钥签名的。", "请稍后换一个网络再验证。"],
  },
  PROOF_INVALID: {
    en: ["The proof does not lead to what the public log holds.", "Verify it again later, on another network too."],
    zh: ["证明与透明日志的内容不符。", "请稍后换一个网络再验证。"],
  },
  DEVICE_UNSUPPORTED: {
    en: ["This browser cannot keep a wallet safely.", "Use a newer browser, over HTTPS."],
    zh: ["此浏览器无法安全地保存钱包。", "请使用较新的浏览器，并通过 HTTPS 打开。"],
  },
  LINK_INVALID: {
    en: ["This link leads to no payment.", "Copy it whole, or scan the code."],
    zh: ["此链接不是付款链接。", "请完整复制，或扫码。"],
  },
  PHRASE_OTHER: {
    en: ["This is another wallet's recovery phrase.", "Type the phrase of this wallet."],
    zh: ["这是另一个钱包的恢复词。", "请输入此钱包自己的恢复词。"],
  },
  STORE_CHANGED: {
    en: ["Another tab has changed this wallet.", "Load the page anew. Nothing was sent."],
    zh: ["另一个标签页已改动此钱包。", "请重新加载页面。没有发送任何内容。"],
  },
  STORE_FAILED: {
    en: ["This device could not keep what it must.", "Make room, or leave private browsing. Nothing was sent."],
    zh: ["此设备无法保存必要的数据。", "请腾出空间，或退出无痕浏览。没有发送任何内容。"],
  },
  SUITE_NOT_ACTIVE: {
    en: ["This kind of key is not in use on this network.", "Use another key."],
    zh: ["本网络尚未启用此类密钥。", "请使用其他密钥。"],
  },
  WALLET_BUSY: {
    en: ["Another tab is at work with this wallet.", "Wait until it has finished, or close it."],
    zh: ["另一个标签页正在使用此钱包。", "请等待其完成，或将其关闭。"],
  },
  WRONG_HOME: {
    en: ["This wallet belongs to another bank.", "Use it with its own bank."],
    zh: ["此钱包属于另一家机构。", "请在其所属机构使用。"],
  },
  WRONG_NETWORK: {
    en: ["This is of another network, with other money.", "Ask for a code or an address of this network."],
    zh: ["这属于另一个网络，钱不相通。", "请索取本网络的代码或地址。"],
  },
};

/** By code; what shares its words with another stands in `SAME_AS`. */
const ENTRIES: Readonly<Record<string, ProblemEntry>> = { ...ofSpeaking, ...ofMoney };

const PAGE_IS_OLD: ProblemEntry = {
  en: ["This page and the bank do not understand each other.", "Load the page anew. Tell the bank if it goes on."],
  zh: ["页面与银行无法互通。", "请重新加载页面；如果一直如此，请告知银行。"],
};

/** Nobody does these by hand: the page is older than the server, or wrong. */
const FAULTS_OF_PAGES = [
  "ANCHOR_UNKNOWN",
  "BAD_REQUEST",
  "DIGEST_MISMATCH",
  "DIGEST_MISSING",
  "EVENTS_GONE",
  "IDEMPOTENCY_KEY_IN_USE",
  "IDEMPOTENCY_KEY_MISSING",
  "IDEMPOTENCY_KEY_REUSED",
  "MALFORMED",
  "MEDIA_TYPE",
  "METHOD_NOT_ALLOWED",
  "PAYMENT_DIFFERS",
  "SIGNATURE_COMPONENTS",
  "SIGNATURE_INVALID",
  "SIGNATURE_MALFORMED",
  "SIGNATURE_MISSING",
  "STOCK_INVALID",
  "TAKING_INVALID",
  "VALUE_OUT_OF_RANGE",
];

/** The words for a code, or undefined where there are none. */
export function entryOf(code: string): ProblemEntry | undefined {
  if (Object.hasOwn(ENTRIES, code)) return ENTRIES[code];
  return FAULTS_OF_PAGES.includes(code) ? PAGE_IS_OLD : undefined;
}

/** For every code that has no words of its own. */
export const UNKNOWN_PROBLEM: ProblemEntry = {
  en: ["That did not work.", "Try again later. With the code below the bank can tell you more."],
  zh: ["操作没有成功。", "请稍后再试。凭下面的代码，银行可以告诉您更多。"],
};
