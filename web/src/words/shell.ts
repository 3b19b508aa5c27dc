/** Words around every page. */

import { dictionary } from "./dictionary";

export const shell = dictionary({
  skip: { en: "Skip to content", zh: "跳到内容" },
  home: { en: "Tongbao, front door", zh: "通宝首页" },
  brand: { en: "Tongbao", zh: "通宝" },
  settings: { en: "Display settings", zh: "显示设置" },
  language: { en: "Language", zh: "语言" },
  theme: { en: "Theme", zh: "外观" },
  themeSystem: { en: "As the device", zh: "跟随系统" },
  themeLight: { en: "Light", zh: "浅色" },
  themeDark: { en: "Dark", zh: "深色" },
  motion: { en: "Motion", zh: "动效" },
  motionSystem: { en: "As the device", zh: "跟随系统" },
  motionReduced: { en: "Still", zh: "关闭" },
  testShort: { en: "Test", zh: "测试" },
  testNetwork: { en: "Test network: this money buys nothing", zh: "测试网络：这里的钱不能买东西" },
});
