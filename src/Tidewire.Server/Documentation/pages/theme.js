// The theme that was chosen on the dashboard; without a choice, the system's. Runs before anything is drawn.
(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('tidewire.theme')
  } catch {
    // Storage is refused: the system's theme it is.
  }
  const light = chosen ? chosen === 'light' : matchMedia('(prefers-color-scheme: light)').matches
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
  document.documentElement.classList.toggle('dark-mode', !light)
})()
