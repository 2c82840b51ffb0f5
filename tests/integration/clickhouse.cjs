// Asks chdb, which is ClickHouse within a process: chdb.cjs CONFIG DATA < statements, as an array of
// JSON; what each gives is a line of JSON. {"swap": [FROM, TO]} renames a file while queries run.
const fs = require("fs");
const path = require("path");
const { Session } = require(path.join(process.cwd(), "node_modules", "chdb"));

async function main() {
    const session = new Session(process.argv[3], { connectionArgs: [`--config-file=${process.argv[2]}`] });
    for (const step of JSON.parse(fs.readFileSync(0, "utf8"))) {
        if (step.swap) {
            fs.renameSync(step.swap[0], step.swap[1]);
            continue;
        }
        const began = process.hrtime.bigint();
        let told = "";
        let error = null;
        try {
            if (step.during) {
                const running = session.queryAsync(step.query, { format: "TabSeparated" });
                setTimeout(() => fs.renameSync(step.during[0], step.during[1]), step.after);
                told = (await running).text();
            } else {
                told = session.query(step.query, "TabSeparated");
            }
        } catch (failed) {
            error = String(failed).slice(0, 2000);
        }
        if (step.out && !error) {
            fs.writeFileSync(step.out, told);
            told = "";
        }
        console.log(JSON.stringify({ told, error, seconds: Number(process.hrtime.bigint() - began) / 1e9 }));
    }
    session.close();
}

main();
