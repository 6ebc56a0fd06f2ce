import { fileURLToPath } from 'node:url';
import { launchBrowser, openContext } from './browser.ts';
import { drawVideo } from './drawn-video.ts';
import { Participant } from './participant.ts';
import { runDemo } from './running-demo.ts';

/** Makes the picture of the demo page in the README: three people, one of them muted, with two cameras and a screen whose quality is shown. */
const picture = fileURLToPath(new URL('../../docs/demo.png', import.meta.url));
const room = 'lounge';
const plottedSeconds = 25;

const [browser, demo] = await Promise.all([launchBrowser(), runDemo()]);
try {
  const context = await openContext(browser, { viewport: { width: 1280, height: 960 } });
  await context.addInitScript(drawVideo);
  const ada = await Participant.join(context, demo.url, { name: 'Ada Lovelace', room });
  const grace = await Participant.join(context, demo.url, { name: 'Grace Hopper', room });
  const barbara = await Participant.join(context, demo.url, { name: 'Barbara Liskov', room });
  await barbara.mute();
  for (const { page } of [ada, grace]) await page.getByRole('button', { name: 'Start camera' }).click();
  // The change of the tab makes the whole browser stand still for a moment, which would count as a freeze.
  await ada.page.bringToFront();
  await grace.page.getByRole('button', { name: 'Share screen' }).click();
  await ada.page.getByRole('heading', { name: 'Screen of Grace Hopper' }).waitFor();
  await ada.page.locator('#stage').getByText('Quality').click();
  await ada.card('Barbara Liskov').getByText('Muted').waitFor();
  for (const name of ['Ada Lovelace', 'Grace Hopper']) {
    await ada
      .card(name)
      .getByText(/^[1-9]\d* kbit\/s$/)
      .filter({ visible: true })
      .waitFor();
    await ada.card(name).getByText(/ ms$/).waitFor();
  }
  await ada.page.waitForFunction(
    (points) =>
      (document.querySelector('#stage [data-line="bitrate"]')?.getAttribute('points') ?? '').split(' ').length > points,
    plottedSeconds,
    { timeout: 60_000 },
  );
  await ada.page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLElement>('.person:not([data-muted="true"])')].every(
      (card) => Number(card.style.getPropertyValue('--level')) > 0.15,
    ),
  );
  await ada.page.screenshot({ path: picture });
  console.log(picture);
} finally {
  await browser.close();
  await demo.close();
}
