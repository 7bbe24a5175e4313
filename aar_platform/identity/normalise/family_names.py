"""Family names of East Asia: those in Chinese characters, their readings, and romanised ones."""

_ONE_CHARACTER = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董袁潘于余叶蒋"
    "杜苏魏程吕丁沈任姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱丘江尹薛闫阎段雷侯龙"
    "史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟"
    "殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛"
    "靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜"
    "冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查"
    "麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚"
    "花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿"
    "薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢張劉陳楊黃趙吳孫馬羅鄭謝許"
    "韓鄧馮蕭葉蔣蘇呂盧鐘鍾譚陸範賈韋鄒閻龍賀顧龔萬錢嚴湯溫齊喬龐顏莊聶魯關蘭歐單畢塗駱藍"
    "華饒陽時農簡車項連蘆麥婁竇黨宮費衛應閔鄔邊師欒榮叢鞏遲鄺談荊樂鬱儲勞諶樓盤滿聞厲區闞"
    "權強帥蓋練豐國計晉門雲來闕烏況鮮銀蔡赖賴双雙束松殳毋沃滑濮牧璩益秋红紅终終羿能茅荀莘蒯蓟薊蓬訾诸"
    "諸贝貝贡貢贲賁越逄通郏郗郦酈酆钮鈕阴陰隗须須鱼魚仰元充从從别勾却厍咸堵夔宓宦宰家富寿壽居山嵇巢干"
    "幸广廣庾弓弘怀懷於暨昝暴桓步水汲湛禄祿空籍经經衡融蔚鄂钭韶习習衣竺糜台畅暢稽"
)
_TWO_CHARACTERS = """
    万俟 上官 东方 东郭 东门 令狐 仲孙 仲孫 公冶 公孙 公孫 公羊 公西 单于 南宫 南宮 南門
    南门 司徒 司空 司馬 司马 呼延 單于 夏侯 太叔 宇文 宗政 尉迟 尉遲 左丘 慕容 拓跋 東方
    東郭 東門 梁丘 欧阳 歐陽 淳于 澹台 澹臺 濮阳 濮陽 独孤 獨孤 申屠 百里 皇甫 端木 第五
    聞人 萬俟 西門 西门 諸葛 诸葛 赫连 赫連 軒轅 轩辕 鍾離 钟离 長孫 长孙 闻人 闾丘 鮮于
    鲜于
"""
# How a character is read as a family name, where that is not its usual reading.
_READ = """
    仇=qiu 单=shan 單=shan 曾=zeng 查=zha 解=xie 区=ou 區=ou 盖=ge 蓋=ge 朴=piao 翟=zhai
    洗=xian 乐=yue 樂=yue 缪=miao 繆=miao 种=chong 召=shao 员=yun 黑=he 折=she 繁=po
    秘=bi 覃=qin 隗=wei 阚=kan 祭=zhai 能=nai 尉迟=yuchi 尉遲=yuchi 万俟=moqi 萬俟=moqi
    卜=bu 澹台=tantai 澹臺=tantai 单于=chanyu 單于=chanyu
"""
_ROMANISED = """
    wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo
    zheng liang xie song tang deng feng han cao zeng peng xiao cai pan tian dong yuan yu
    ye jiang du su wei cheng lu ding shen ren yao cui zhong tan fan liao jia xia fu fang
    zou xiong bai meng qin qiu hou jin shi dai gu mao hao gong shao wan qian yan kong
    ouyang sima zhuge shangguan situ kim lee park choi jung jeong kang cho yoon jang lim
    shin kwon hwang ahn nguyen tran le pham huynh hoang phan vu vo dang bui do ngo duong
    ly wong chan cheung lau leung ng kwok chow tsang tse tsai hsu hsieh chang lo
"""
_KOREAN = """
    김=kim 이=lee 박=park 최=choi 정=jung 강=kang 조=cho 윤=yoon 장=jang 임=lim 한=han
    오=oh 서=seo 신=shin 권=kwon 황=hwang 안=ahn 송=song 전=jeon 홍=hong
"""

ONE_CHARACTER = frozenset(_ONE_CHARACTER)
TWO_CHARACTERS = frozenset(_TWO_CHARACTERS.split())
READINGS = dict(name.split("=") for name in _READ.split())
KOREAN = dict(name.split("=") for name in _KOREAN.split())
# Names that go before the given name in the countries that write a whole name in that order.
ROMANISED = tuple(_ROMANISED.split())
FAMILY_FIRST_COUNTRIES = ("CN", "HK", "KR", "MO", "SG", "TW", "VN")
