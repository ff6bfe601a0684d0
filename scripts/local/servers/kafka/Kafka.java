import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs one Kafka broker (KRaft, its own controller) from Maven Central's jars: java -cp CLASSES:JARS Kafka FOLDER [setting=value ...]
 *
 * -Dscram=MECHANISM=[name=...,password=...];... makes users when FOLDER is new.
 */
public class Kafka {
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        Lifeline.hold(folder);
        Path data = folder.resolve("data");
        Path properties = folder.resolve("server.properties");
        Files.writeString(properties, "log.dirs=" + data + "\n" + String.join("\n", Arrays.asList(args).subList(1, args.length)) + "\n");
        if (!Files.exists(data.resolve("meta.properties"))) {
            format(properties);
        }
        kafka.Kafka.main(new String[] {properties.toString()});
    }

    private static void format(Path properties) {
        List<String> command = new ArrayList<>(List.of(
                "format", "--cluster-id", org.apache.kafka.common.Uuid.randomUuid().toString(), "--config", properties.toString()));
        for (String user : System.getProperty("scram", "").split(";")) {
            if (!user.isEmpty()) {
                command.addAll(List.of("--add-scram", user));
            }
        }
        int status = kafka.tools.StorageTool.execute(command.toArray(new String[0]), new PrintStream(OutputStream.nullOutputStream()));
        if (status != 0) {
            throw new IllegalStateException("formatting the data folder failed with status " + status);
        }
    }
}
