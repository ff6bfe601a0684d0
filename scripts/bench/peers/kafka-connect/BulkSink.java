import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** The least that a sink of Kafka Connect does: one bulk request for what it is given, again when that was not written. */
public class BulkSink extends SinkConnector {
    private Map<String, String> settings;

    @Override public void start(Map<String, String> given) { settings = given; }
    @Override public Class<? extends Task> taskClass() { return BulkTask.class; }
    @Override public List<Map<String, String>> taskConfigs(int most) { return List.of(settings); }
    @Override public void stop() {}
    @Override public ConfigDef config() { return new ConfigDef(); }
    @Override public String version() { return "1"; }

    public static class BulkTask extends SinkTask {
        private final HttpClient client = HttpClient.newHttpClient();
        private URI address;
        private String index;

        @Override public void start(Map<String, String> settings) {
            address = URI.create(settings.get("url") + "/_bulk?filter_path=errors");
            index = settings.get("index");
        }

        @Override public void put(Collection<SinkRecord> records) {
            if (records.isEmpty()) {
                return;
            }
            StringBuilder body = new StringBuilder();
            for (SinkRecord record : records) {
                body.append("{\"index\":{\"_index\":\"").append(index).append("\",\"_id\":\"").append(record.topic()).append('+')
                        .append(record.kafkaPartition()).append('+').append(record.kafkaOffset()).append("\"}}\n")
                        .append(record.value()).append('\n');
            }
            post(HttpRequest.newBuilder(address).header("content-type", "application/x-ndjson")
                    .POST(BodyPublishers.ofString(body.toString())).build());
        }

        private void post(HttpRequest request) {
            try {
                HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
                if (response.statusCode() != 200 || !response.body().contains("\"errors\":false")) {
                    throw new RetriableException("status " + response.statusCode());
                }
            } catch (IOException failure) {
                throw new RetriableException(failure);
            } catch (InterruptedException ended) {
                throw new ConnectException(ended);
            }
        }

        @Override public void stop() {}
        @Override public String version() { return "1"; }
    }
}
