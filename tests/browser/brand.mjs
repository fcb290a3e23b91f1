// Whose portal it is: an administrator's name, picture, colour and help line on every page that people meet before and after they sign in, readable in
// both themes and on a phone.
import assert from "node:assert/strict";
import { axe, signIn } from "./rig.mjs";

// 96 by 96 pixels, made for this: a dark red letter on nothing.
const LOGO = "iVBORw0KGgoAAAANSUhEUgAAAGAAAABgCAYAAADimHc4AAABP0lEQVR42u3bwW1CQRAEUUIgJEIlUzhx57TbM/1K8tV2V+23LPT38QAAAAAAAACAf3g/Xx8WLsr/fbEhQK98EQQgX4QA+SIIQL4IApAvQoB8EQQgXwQByBchQL4IApAvggDkixAgXwQByBdBAPJFCJAvggDkV0cQgPzOCInyqyIIQH5vBAHI74wwSf7KCAIslX/i+wsgQK780z+H/AsBxkY4LUSAyyfSUxBwGgW4fBLrn4IEAdURBCiXXx1BAPI7I6R+MlnziWnyyPUB0k/Z+qdgwri1AaacrpVPwbRR6yIIcDHA1DFrIghwMcD0EaN//w3v44zesOVv6Mgdm95GG7ll2//Ro/ZsfBdzzKbNL8KO2CbAxW0Nr4FHbxTg4samSxBxW9tuocTtbbwCFLO59Q5WzO7mC3Au/wEAAAA4wRc87YyNFNc8EwAAAABJRU5ErkJggg==";
const ACME = { Name: "Acme Rockets", AccentColor: "#a01040", HelpText: "Trouble? Call the service desk at 4711, day and night, or write to", HelpLink: "mailto:help@acme.example", Logo: LOGO };

export async function play({ test, base, shot, portico }) {
  const put = (settings) => portico("PutPortalSettings", { PortalSettings: settings });
  const inForce = (page) => page.evaluate(() => {
    const [button, icon, picture] = [document.querySelector("main button.wide"), document.querySelector("link[rel=icon]"), document.querySelector(".brand img")];
    return { colour: getComputedStyle(button).backgroundColor, icon: icon.type, loaded: picture?.complete && picture.naturalWidth, title: document.title, footer: document.querySelector(".help")?.innerText };
  });

  for (const [name, colorScheme, width] of [["day", "light", 1000], ["night", "dark", 1000], ["phone", "light", 360], ["phone-night", "dark", 360]]) {
    await test(`the pages say whose they are (${name})`, { colorScheme, viewport: { width, height: 800 } }, async (page) => {
      await put(ACME);
      try {
        await page.goto(base + "/signin");
        const seen = await inForce(page);
        assert.equal(seen.colour, colorScheme === "light" ? "rgb(160, 16, 64)" : seen.colour);
        assert.notEqual(seen.colour, "rgb(134, 189, 224)", "not the colour that pages have by themselves");
        assert.deepEqual([seen.icon, seen.loaded, seen.title], ["image/png", 96, "Sign in · Acme Rockets"]);
        assert.equal(await page.locator("h1").innerText(), "Sign in to Acme Rockets");
        assert.match(seen.footer, /4711.*help@acme\.example$/);
        await shot(page, `brand-${name}-sign-in`);
        // Nobody: whoever is somebody would soon have to wait.
        await signIn(page, `nobody-${name}`, "wrong");
        await shot(page, `brand-${name}-wrong`);
        await signIn(page);
        await page.waitForURL(base + "/start");
        await shot(page, `brand-${name}-accounts`);
        for (const [where, what] of [["/security", "security"], ["/start/keys?account=222233334444&role=PowerUser", "keys"], ["/start/keys?account=222233334444&role=Other", "refused"], ["/device", "device"]]) {
          await page.goto(base + where);
          await shot(page, `brand-${name}-${what}`);
        }
      } finally {
        await put({});
      }
    });
  }

  await test("a name as long as may be and a wide picture cut nothing off on a phone", { viewport: { width: 360, height: 740 } }, async (page) => {
    await put({ ...ACME, Name: "Bundesgesellschaft für außergewöhnlich lange Namen mbH & Co. KG" });
    try {
      await page.goto(base + "/start");
      await signIn(page);
      await page.waitForURL(base + "/start");
      await shot(page, "brand-long-name");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false);
      await page.goto(base + "/signin?again=1");
      await shot(page, "brand-long-name-sign-in");
    } finally {
      await put({});
    }
  });

  await test("every accent colour that is taken can be read on every page", {}, async (page) => {
    for (const colour of ["#000000", "#b00000", "#006400", "#0000ff", "#856a00", "#6a00a0"]) {
      await put({ AccentColor: colour });
      await page.goto(base + "/signin");
      await axe(page);
    }
    await put({});
    await assert.rejects(put({ AccentColor: "#ffcc00" }), /contrast of 1\.34:1/);
  });
}
