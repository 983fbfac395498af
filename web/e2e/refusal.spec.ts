import { expect, openLive, test } from './page'
import { unauthorized } from './provider'

// In the last file, because a refused token is not tried again for minutes.
test('A provider that refuses the token is said on the page', async ({ page }) => {
  await openLive(page)
  await unauthorized()
  const pill = page.getByTestId('status-pill')
  await expect(pill).toHaveAttribute('data-state', 'not_entitled', { timeout: 20_000 })
  await expect(pill).toContainText('NOT ENTITLED')
  const notice = page.getByTestId('notice')
  await expect(notice).toContainText('The provider refused this token')
  await expect(notice).toContainText('401')
  await expect(notice).toContainText(/Tidewire asks again at \d\d:\d\d:\d\d/)
})
