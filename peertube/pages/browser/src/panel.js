/** The numbers of the sharing panel, and the same as data- attributes of the player. */

export class Panel {
  constructor (element, player, texts, language) {
    this.numbers = element.querySelector('[data-sharing-numbers]')
    this.state = element.querySelector('[data-sharing-state]')
    this.player = player
    this.texts = texts
    this.speed = new Intl.NumberFormat(language, { style: 'unit', unit: 'kilobyte-per-second', maximumFractionDigits: 0 })
    this.fast = new Intl.NumberFormat(language, { style: 'unit', unit: 'megabyte-per-second', maximumFractionDigits: 1 })
    this.share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 })
    this.count = new Intl.NumberFormat(language)
  }

  say (text) {
    if (this.state.textContent !== text) this.state.textContent = text
  }

  playing () {
    this.player.dataset.mode = 'webtorrent'
    this.say(this.texts.sharing)
  }

  fellBack () {
    this.player.dataset.mode = 'native'
    this.say(this.texts.fallback)
  }

  show ({ peers, downloadSpeed, uploadSpeed, fromPeers, fromWebSeed, toPeers, progress }) {
    const all = fromPeers + fromWebSeed
    this.put('download', this.rate(downloadSpeed))
    this.put('upload', this.rate(uploadSpeed))
    this.put('peers', this.count.format(peers))
    this.put('share', this.share.format(all ? fromPeers / all : 0))
    const shown = this.player.dataset
    shown.peers = peers
    shown.bytesFromPeers = fromPeers
    shown.bytesFromWebSeed = fromWebSeed
    shown.bytesToPeers = toPeers
    shown.progress = progress.toFixed(4)
  }

  rate (bytesPerSecond) {
    return bytesPerSecond >= 1e6 ? this.fast.format(bytesPerSecond / 1e6) : this.speed.format(bytesPerSecond / 1e3)
  }

  put (name, text) {
    this.numbers.querySelector(`[data-number="${name}"]`).textContent = text
  }
}
