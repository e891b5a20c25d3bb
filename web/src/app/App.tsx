import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { useHead } from "../api/queries.ts";
import { Home } from "../screens/home/Home.tsx";
import { Icon, IconSprite } from "../ui/icons.tsx";
import { Blank, Loading } from "../ui/states.tsx";
import { to } from "../url/parameters.ts";
import { Help } from "./Help.tsx";
import { useKeys } from "./keys.ts";
import { SearchBox } from "./SearchBox.tsx";
import { setTheme, useTheme } from "./theme.ts";

// Each screen is fetched when it is first looked at, and all of them once the first one stands.
const screens = {
  explorer: () => import("../screens/explorer/Explorer.tsx"),
  passport: () => import("../screens/passport/Passport.tsx"),
  run: () => import("../screens/run/Run.tsx"),
  diff: () => import("../screens/diff/Diff.tsx"),
  ledger: () => import("../screens/ledger/Ledger.tsx"),
  search: () => import("../screens/home/Results.tsx"),
};
const Explorer = lazy(screens.explorer);
const Passport = lazy(screens.passport);
const Run = lazy(screens.run);
const Diff = lazy(screens.diff);
const Ledger = lazy(screens.ledger);
const Results = lazy(screens.search);

export function App() {
  const [help, setHelp] = useState(false);
  const [location, navigate] = useLocation();
  const search = useRef<HTMLInputElement>(null);
  const theme = useTheme();

  useKeys(
    {
      "/": () => {
        const large = document.querySelector<HTMLInputElement>(".search.large input");
        (large ?? search.current)?.focus();
      },
      "?": () => setHelp(true),
      v: () => navigate(to.ledger({ verify: "1" })),
    },
    "window",
  );

  useEffect(() => {
    const ahead = setTimeout(() => {
      for (const load of Object.values(screens)) load().catch(() => undefined);
    }, 1500);
    return () => clearTimeout(ahead);
  }, []);

  const closeHelp = useCallback(() => setHelp(false), []);
  return (
    <>
      <IconSprite />
      <a className="skip" href="#main">
        To the content
      </a>
      <header className="top">
        <Link href={to.home()} className="brand">
          <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
            <path d="M1.5 3.5h3c4 0 3 4.5 10 4.5M1.5 8h13M1.5 12.5h3c4 0 3-4.5 10-4.5" />
          </svg>
          Headwater
        </Link>
        <SearchBox input={search} />
        <nav aria-label="Screens">
          <NavLink href={to.home()} on={location === "/"}>
            Home
          </NavLink>
          <NavLink href="/diff" on={location === "/diff"}>
            Compare
          </NavLink>
          <NavLink href={to.ledger()} on={location === "/ledger"}>
            Ledger
          </NavLink>
        </nav>
        <HeadChip />
        <button
          type="button"
          className="button plain"
          aria-label={theme === "dark" ? "Light colours" : "Dark colours"}
          onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
        >
          <Icon name={theme === "dark" ? "sun" : "moon"} />
        </button>
        <button
          type="button"
          className="button plain"
          aria-label="Keys"
          onClick={() => setHelp(true)}
        >
          ?
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Loading what="Opening." />}>
          <Switch>
            <Route path="/" component={Home} />
            <Route path="/search" component={Results} />
            <Route path="/lineage" component={Explorer} />
            <Route path="/passport" component={Passport} />
            <Route path="/run" component={Run} />
            <Route path="/diff" component={Diff} />
            <Route path="/ledger" component={Ledger} />
            <Route>
              <Blank title="There is no such page" whole>
                <p>
                  <Link href={to.home()}>Home</Link> has the search box.
                </p>
              </Blank>
            </Route>
          </Switch>
        </Suspense>
      </main>
      <Help open={help} onClose={closeHelp} />
    </>
  );
}

function NavLink({ href, on, children }: { href: string; on: boolean; children: string }) {
  return (
    <Link href={href} className="nav" aria-current={on ? "page" : undefined}>
      {children}
    </Link>
  );
}

/** The ledger's size as the service names it: a claim until it is verified. */
function HeadChip() {
  const { data, isError } = useHead();
  if (isError)
    return (
      <span className="state bad head-chip" role="status">
        <Icon name="no" /> no service
      </span>
    );
  if (!data) return null;
  return (
    <Link href={to.ledger()} className="head-chip" title={`Ledger ${data.origin}`}>
      {data.size.toLocaleString("en")} entries
    </Link>
  );
}
