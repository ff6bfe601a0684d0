import java.util.Map;
import java.util.Set;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.MetadataCreateDataStreamService.CreateDataStreamClusterStateUpdateRequest;
import org.elasticsearch.cluster.metadata.MetadataDataStreamsService;
import org.elasticsearch.cluster.metadata.ProjectId;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;

/** Data streams as Elasticsearch 9 keeps them: in a project of the cluster, of which there is one. */
class DataStreams {
    private static final TimeValue limit = TimeValue.timeValueSeconds(30);

    static CreateDataStreamClusterStateUpdateRequest creation(String name) {
        return new CreateDataStreamClusterStateUpdateRequest(ProjectId.DEFAULT, name, null, limit, limit);
    }

    static Map<String, DataStream> all(ClusterState state) {
        return state.metadata().getDefaultProject().dataStreams();
    }

    static ClusterState without(ClusterState state, Set<DataStream> streams, Settings settings) {
        return MetadataDataStreamsService.deleteDataStreams(state.projectState(ProjectId.DEFAULT), streams, settings);
    }
}
