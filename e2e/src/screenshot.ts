import { fileURLToPath } from 'node:url';
import { launchBrowser, openContext } from './browser.ts';
import { Participant } from './participant.ts';
import { runDemo } from './running-demo.ts';

/** Makes the picture of the demo page in the README: three people, one of them muted, one heard this moment. */
const picture = fileURLToPath(new URL('../../docs/demo.png', import.meta.url));
const room = 'lounge';

const [browser, demo] = await Promise.all([launchBrowser(), runDemo()]);
try {
  const context = await openContext(browser, { viewport: { width: 1120, height: 480 }, deviceScaleFactor: 2 });
  const ada = await Participant.join(context, demo.url, { name: 'Ada Lovelace', room });
  await Participant.join(context, demo.url, { name: 'Grace Hopper', room });
  const barbara = await Participant.join(context, demo.url, { name: 'Barbara Liskov', room });
  await barbara.mute();
  await ada.card('Barbara Liskov').getByText('Muted').waitFor();
  for (const name of ['Ada Lovelace', 'Grace Hopper']) {
    await ada
      .card(name)
      .getByText(/^[1-9]\d* kbit\/s$/)
      .waitFor();
    await ada.card(name).getByText(/ ms$/).waitFor();
  }
  await ada.page.bringToFront();
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
